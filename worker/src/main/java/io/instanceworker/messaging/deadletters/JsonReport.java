package io.instanceworker.messaging.deadletters;

import io.instanceworker.contracts.json.StrictJson;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** One JSON array, a message a line, in ASCII: nothing in it can do anything to a terminal. */
final class JsonReport implements Report {

    private final PrintStream out;
    private final boolean withBody;
    private final List<String> lines = new ArrayList<>();

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
        lines.add(StrictJson.writeAscii(facts));
    }

    @Override
    public void end() {
        out.println(lines.stream().collect(Collectors.joining(",\n ", "[", "]")));
    }
}
