package io.instanceworker.contracts.json;

/** Which characters are allowed in which part of a message. */
public final class Characters {

    static final int REPLACEMENT = '\uFFFD';

    private Characters() {}

    /**
     * Whether a character is printable. Not printable are control, format, private-use and unassigned characters, line and
     * paragraph separators, and half a surrogate pair. A space is printable.
     */
    public static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.FORMAT, Character.PRIVATE_USE, Character.UNASSIGNED -> false;
            default -> isOfName(codePoint);
        };
    }

    /** Whether a name may contain the character. Format characters are allowed, because some languages need them. */
    static boolean isOfName(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            default -> true;
        };
    }

    /** Whether the text contains half a surrogate pair, which no encoding can represent. */
    static boolean isBroken(String text) {
        return text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE);
    }
}
