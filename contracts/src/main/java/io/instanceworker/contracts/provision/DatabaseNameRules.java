package io.instanceworker.contracts.provision;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which database names are possible on an engine.
 *
 * @param maxLength length of the longest name
 * @param unit the unit of the length
 * @param caseSensitive whether {@code EdFi_A} and {@code edfi_a} are two databases
 * @param reservedPrefix prefix of the engine's own staging databases; a job may not use a name with this prefix or
 *     {@link #TRASH_PREFIX}
 */
public record DatabaseNameRules(int maxLength, LengthUnit unit, boolean caseSensitive, String reservedPrefix) {

    /** Prefix of the names of deleted databases in the trash, on every engine. A job may not use a name with this prefix. */
    public static final String TRASH_PREFIX = "iw_trash_";

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss").withZone(ZoneOffset.UTC);

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
        return startsWith(name, reservedPrefix) || isTrash(name);
    }

    /** Whether the name is one of a database in the trash. */
    public static boolean isTrash(String name) {
        return startsWith(name, TRASH_PREFIX);
    }

    private static boolean startsWith(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /**
     * A new name for a database in the trash: when it was deleted, a random number, so that no other database has the name, and
     * as much of its former name as fits.
     */
    public String trashName(String databaseName, Instant deletedAt) {
        String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        String name = TRASH_PREFIX + SECONDS.format(deletedAt) + "_" + random + "_";
        for (int character : databaseName.codePoints().toArray()) {
            String longer = name + Character.toString(character);
            if (!fits(longer)) {
                break;
            }
            name = longer;
        }
        return name;
    }
}
