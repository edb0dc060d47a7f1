package io.instanceworker.contracts.result;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What Info reports about a database.
 *
 * @param sizeBytes null if the login may not see it
 * @param size sizeBytes for people, in units of 1,024: {@code 8.2 MiB}
 * @param dataBytes size of the data files; null if the engine does not report it
 * @param logBytes size of the log files; null if the engine has no log files for a single database
 * @param freeBytes allocated but unused; null if the engine does not report it
 * @param createdAt from the ownership mark; null for an unmanaged database
 * @param createdByJob from the ownership mark; null for an unmanaged database
 * @param template from the ownership mark: the template's name, if an Add created the database from a template
 * @param source from the ownership mark: the database that was copied, if a Copy created the database
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

    /** Formats a size for people, in units of 1,024: {@code 8.2 MiB}. */
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
