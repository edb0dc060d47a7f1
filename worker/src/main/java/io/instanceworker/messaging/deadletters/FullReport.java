package io.instanceworker.messaging.deadletters;

import io.instanceworker.cli.console.Printable;
import java.io.PrintStream;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows the whole message, for people. It is escaped, so it cannot move the cursor or look like other lines of the output. */
final class FullReport implements Report {

    private static final String INDENT = "    ";

    private final PrintStream out;

    FullReport(PrintStream out) {
        this.out = out;
    }

    @Override
    public void add(DeadLetter letter) {
        Facts.of(letter).properties().forEach(fact -> {
            String value = fact.getValue().isNull() ? "-" : fact.getValue().asString();
            out.printf(Locale.ROOT, "%-14s %s%n", fact.getKey(), Printable.of(value));
        });
        body(letter, Facts.text(letter));
        out.println();
    }

    private void body(DeadLetter letter, @Nullable String text) {
        if (text == null) {
            out.println("body, which is not UTF-8, in Base64");
            out.println(INDENT + Base64.getEncoder().encodeToString(letter.body()));
        } else {
            out.println("body");
            text.lines().forEach(line -> out.println(INDENT + Printable.of(line)));
        }
    }
}
