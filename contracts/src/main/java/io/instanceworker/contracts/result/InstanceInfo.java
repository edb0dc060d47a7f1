package io.instanceworker.contracts.result;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What Info tells of a database.
 *
 * @param sizeBytes null where the login may not see it
 * @param size the same for people, in units of 1,024: {@code 8.2 MiB}
 * @param dataBytes data files, where the engine tells them apart
 * @param logBytes log files, where the engine has them for one database
 * @param freeBytes allocated but unused, where the engine tells
 * @param createdAt from the ownership mark; null for an unmanaged database
 * @param createdByJob likewise
 * @param template likewise: the template's name, for an instance that an Add made from one
 * @param source likewise: the database it was copied from, for an instance that a Copy made
 * @param engine {@code PostgreSQL}, {@code Microsoft SQL Server}
 */
public record InstanceInfo(
        @Nullable Long sizeBytes,
        @Nullable String size,
        @Nullable Long dataBytes,
        @Nullable Long logBytes,
        @Nullable Long freeBytes,
        @Nullable Integer activeConnections,
        @Nullable String owner,
        @Nullable String collation,
        @Nullable Instant createdAt,
        @Nullable String createdByJob,
        @Nullable String template,
        @Nullable String source,
        @Nullable String engine,
        @Nullable String engineVersion) {

    private static final List<String> UNITS = List.of("KiB", "MiB", "GiB", "TiB", "PiB");

    /** A size for people, in units of 1,024: {@code 8.2 MiB}. */
    public static @Nullable String readable(@Nullable Long bytes) {
        if (bytes == null) {
            return null;
        }
        double value = bytes;
        String unit = "B";
        for (String larger : UNITS) {
            if (value < 1024) {
                break;
            }
            value /= 1024;
            unit = larger;
        }
        return unit.equals("B") ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, unit);
    }
}
