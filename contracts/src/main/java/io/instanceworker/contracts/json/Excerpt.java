package io.instanceworker.contracts.json;

import org.jspecify.annotations.Nullable;

/** Text from outside, made fit for a message, a log line or a header: short, on one line, nothing invisible. */
public final class Excerpt {

    private static final int MAX_CHARACTERS = 100;

    private Excerpt() {}

    public static String of(@Nullable String text) {
        if (text == null) {
            return "";
        }
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .limit(MAX_CHARACTERS)
                .forEach(c -> clean.appendCodePoint(Characters.isPrintable(c) ? c : Characters.REPLACEMENT));
        if (text.codePointCount(0, text.length()) > MAX_CHARACTERS) {
            clean.append('…');
        }
        return clean.toString();
    }

    /** The same between double quotation marks. */
    public static String quoted(@Nullable String text) {
        return '"' + of(text) + '"';
    }
}
