package io.instanceworker.cli.console;

import io.instanceworker.contracts.json.Characters;
import java.util.Locale;

/** Makes text from outside safe for a terminal, without a loss: a control character becomes {@code \u001b}. */
public final class Printable {

    private Printable() {}

    public static String of(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (Characters.isPrintable(c)) {
                printable.appendCodePoint(c);
            } else {
                printable.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        return printable.toString();
    }
}
