package io.instanceworker.messaging.deadletters;

import io.instanceworker.contracts.json.StrictJson;
import java.io.PrintStream;
import tools.jackson.databind.node.ObjectNode;

/** Shows one JSON array, with one line for each message, in ASCII, so that a message cannot control the terminal. */
final class JsonReport implements Report {

    private final PrintStream out;
    private final boolean withBody;
    private String before = "[";

    JsonReport(PrintStream out, boolean withBody) {
        this.out = out;
        this.withBody = withBody;
    }

    @Override
    public void add(DeadLetter letter) {
        ObjectNode facts = Facts.of(letter);
        if (withBody) {
            facts.put("body", Facts.text(letter));
            facts.put("bodyBase64", letter.body());
        }
        out.print(before);
        out.print(StrictJson.writeAscii(facts));
        before = ",\n ";
    }

    @Override
    public void close() {
        out.println(before.equals("[") ? "[]" : "]");
    }
}
