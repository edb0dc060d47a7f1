package io.instanceworker.contracts.provision;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Which database names an engine can hold.
 *
 * @param maxLength longest name
 * @param unit what the length is counted in
 * @param caseSensitive whether {@code EdFi_A} and {@code edfi_a} are two databases
 * @param reservedPrefix names that begin so are the engine's own staging databases, which no job may name
 */
public record DatabaseNameRules(int maxLength, LengthUnit unit, boolean caseSensitive, String reservedPrefix) {

    /** What a name's length is counted in. */
    public enum LengthUnit {
        UTF8_BYTES,
        UTF16_CODE_UNITS
    }

    /** Whether the name fits. A name that does not is an error, never shortened: two long names could become one. */
    public boolean fits(String name) {
        return lengthOf(name) <= maxLength;
    }

    public int lengthOf(String name) {
        return switch (unit) {
            case UTF8_BYTES -> name.getBytes(StandardCharsets.UTF_8).length;
            case UTF16_CODE_UNITS -> name.length();
        };
    }

    /** The form in which two names of the same database are equal. */
    public String canonical(String name) {
        return caseSensitive ? name : name.toLowerCase(Locale.ROOT);
    }

    public boolean isReserved(String name) {
        return name.regionMatches(true, 0, reservedPrefix, 0, reservedPrefix.length());
    }
}
