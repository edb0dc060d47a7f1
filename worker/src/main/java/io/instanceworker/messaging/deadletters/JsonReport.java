package io.instanceworker.messaging.deadletters;

import io.instanceworker.contracts.json.StrictJson;
import java.io.PrintStream;
import tools.jackson.databind.node.ObjectNode;

/** One JSON array, a message a line, in ASCII: nothing in it can do anything to a terminal. */
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
