package io.instanceworker.contracts.json;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Makes text from outside safe for a message, a log line or a header: short, on one line, only printable characters. */
public final class Excerpt {

    private static final int MAX_CHARACTERS = 100;

    private Excerpt() {}

    public static String of(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String clean = clean(text, MAX_CHARACTERS, Characters::isPrintable);
        return text.codePointCount(0, text.length()) > MAX_CHARACTERS ? clean + '…' : clean;
    }

    /** Makes text safe that people see as a name. Text that is too long is cut so that it fits with the ellipsis. */
    static String ofName(String text, int maxCharacters) {
        return text.codePointCount(0, text.length()) > maxCharacters
                ? clean(text, maxCharacters - 1, Characters::isOfName) + '…'
                : clean(text, maxCharacters, Characters::isOfName);
    }

    private static String clean(String text, int maxCharacters, IntPredicate allowed) {
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .limit(maxCharacters)
                .forEach(c -> clean.appendCodePoint(allowed.test(c) ? c : Characters.REPLACEMENT));
        return clean.toString();
    }

    /** The excerpt between double quotation marks. */
    public static String quoted(@Nullable String text) {
        return '"' + of(text) + '"';
    }
}
