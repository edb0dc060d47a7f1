package io.instanceworker.contracts.result;

import io.instanceworker.contracts.Operation;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What Info reports about a database. What the engine does not have, and what the login may not see, is null.
 *
 * @param compatibilityLevel of SQL Server, such as 160
 * @param recoveryModel of SQL Server: {@code FULL}, {@code BULK_LOGGED} or {@code SIMPLE}
 * @param lastBackupAt when the last full backup of this database ended that was not made only for a copy; null if none is known
 */
public record InstanceInfo(
        Sizes sizes,
        @Nullable Integer activeConnections,
        @Nullable String owner,
        @Nullable String collation,
        @Nullable Integer compatibilityLevel,
        @Nullable String recoveryModel,
        @Nullable Instant lastBackupAt,
        Origin origin,
        Engine engine) {

    private static final List<String> UNITS = List.of("KiB", "MiB", "GiB", "TiB", "PiB");

    /**
     * Sizes in bytes.
     *
     * @param total of all files
     * @param readable the total for people, in units of 1,024: {@code 8.2 MiB}
     * @param data of the data files
     * @param log of the log files; null if the engine has no log files for a single database
     * @param reserved the part of the data files that is allocated to tables, indexes and the like
     * @param free the part of the data files that is not
     */
    public record Sizes(
            @Nullable Long total,
            @Nullable String readable,
            @Nullable Long data,
            @Nullable Long log,
            @Nullable Long reserved,
            @Nullable Long free) {

        /** For an engine that knows only the total. */
        public static Sizes ofTotal(@Nullable Long total) {
            return new Sizes(total, InstanceInfo.readable(total), null, null, null, null);
        }
    }

    /**
     * From the ownership mark.
     *
     * @param createdAt for an adopted database, when it was adopted
     * @param createdByOperation Add, Copy or Adopt
     * @param template the template's name, if an Add created the database from a template
     * @param source the database that was copied, if a Copy created the database
     */
    public record Origin(
            @Nullable Instant createdAt,
            @Nullable String createdByJob,
            @Nullable Operation createdByOperation,
            @Nullable String template,
            @Nullable String source) {

        /** That of an unmanaged database. */
        public static final Origin UNKNOWN = new Origin(null, null, null, null, null);
    }

    /**
     * @param name {@code PostgreSQL}, {@code Microsoft SQL Server}
     * @param edition of SQL Server, such as {@code Standard Edition (64-bit)}
     */
    public record Engine(
            @Nullable String name,
            @Nullable String version,
            @Nullable String edition) {}

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
