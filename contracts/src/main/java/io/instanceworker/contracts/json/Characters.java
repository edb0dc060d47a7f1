package io.instanceworker.contracts.json;

/** Which characters messages may carry where. */
public final class Characters {

    static final int REPLACEMENT = '\uFFFD';

    private Characters() {}

    /** Neither a control, format, private-use, separator or unassigned character nor half a surrogate pair; a space is one. */
    public static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.FORMAT, Character.PRIVATE_USE, Character.UNASSIGNED -> false;
            default -> isOfName(codePoint);
        };
    }

    /** Whether a name may have it: also format characters, without which some languages cannot be written. */
    static boolean isOfName(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            default -> true;
        };
    }

    /** Whether the text holds half a surrogate pair, which no encoding can carry. */
    static boolean isBroken(String text) {
        return text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE);
    }
}
