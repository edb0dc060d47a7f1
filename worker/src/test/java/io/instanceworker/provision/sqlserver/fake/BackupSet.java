package io.instanceworker.provision.sqlserver.fake;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A full backup, as msdb remembers it.
 *
 * @param finished the server's local time, in whole seconds
 * @param timeZone its offset from UTC in quarters of an hour
 */
record BackupSet(String database, boolean isCopyOnly, LocalDateTime finished, int timeZone) {

    static final int UNKNOWN_TIME_ZONE = 127;

    private static final int QUARTER_SECONDS = 900;

    static BackupSet of(String database, boolean isCopyOnly, Instant finished) {
        ZoneOffset offset = ZoneId.systemDefault().getRules().getOffset(finished);
        return new BackupSet(
                database,
                isCopyOnly,
                LocalDateTime.ofInstant(finished, offset).truncatedTo(ChronoUnit.SECONDS),
                offset.getTotalSeconds() / QUARTER_SECONDS);
    }

    BackupSet withUnknownTimeZone() {
        return new BackupSet(database, isCopyOnly, finished, UNKNOWN_TIME_ZONE);
    }
}
