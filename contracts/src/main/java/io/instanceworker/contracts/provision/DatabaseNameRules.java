package io.instanceworker.contracts.provision;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Which database names are possible on an engine.
 *
 * @param maxLength length of the longest name
 * @param unit the unit of the length
 * @param caseSensitive whether {@code EdFi_A} and {@code edfi_a} are two databases
 * @param reservedPrefix prefix of the engine's own staging databases; a job may not use a name with this prefix
 */
public record DatabaseNameRules(int maxLength, LengthUnit unit, boolean caseSensitive, String reservedPrefix) {

    /** The unit in which the length of a name is counted. */
    public enum LengthUnit {
        UTF8_BYTES,
        UTF16_CODE_UNITS
    }

    /** Whether the name is short enough. A longer name is an error. It is never shortened: two names could become the same. */
    public boolean fits(String name) {
        return lengthOf(name) <= maxLength;
    }

    public int lengthOf(String name) {
        return switch (unit) {
            case UTF8_BYTES -> name.getBytes(StandardCharsets.UTF_8).length;
            case UTF16_CODE_UNITS -> name.length();
        };
    }

    /** The form in which all names of one database are equal. */
    public String canonical(String name) {
        return caseSensitive ? name : name.toLowerCase(Locale.ROOT);
    }

    public boolean isReserved(String name) {
        return name.regionMatches(true, 0, reservedPrefix, 0, reservedPrefix.length());
    }
}
