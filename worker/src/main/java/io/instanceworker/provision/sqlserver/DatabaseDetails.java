package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Info reports of one database, and a page of Status does not, because it takes a statement in the database itself and one
 * in {@code msdb}. Whatever the server refuses to say is null.
 *
 * @param reservedBytes the part of the data files that is allocated
 * @param freeBytes the part of the data files that is not
 * @param lastBackupAt when the last full backup ended that was not {@code COPY_ONLY}
 */
record DatabaseDetails(
        @Nullable Long reservedBytes,
        @Nullable Long freeBytes,
        @Nullable Instant lastBackupAt) {

    static final DatabaseDetails NOT_ASKED = new DatabaseDetails(null, null, null);

    /** The {@code time_zone} of a backup whose offset from UTC was not recorded. Otherwise it counts quarters of an hour. */
    private static final int UNKNOWN_TIME_ZONE = 127;

    private static final int QUARTER_SECONDS = 900;

    private static final Logger log = LoggerFactory.getLogger(DatabaseDetails.class);

    private interface Query {
        DatabaseDetails run() throws SQLException;
    }

    /** @param isReadable whether the login may enter the database */
    static DatabaseDetails of(Connection connection, String database, boolean isReadable, ServerFacts server)
            throws SQLException {
        DatabaseDetails space = isReadable ? unlessRefused(database, () -> space(connection, database)) : NOT_ASKED;
        // On Amazon RDS the worker's own backups are not COPY_ONLY, so they look like those of an administrator.
        DatabaseDetails backup = server.hosting() == ServerFacts.Hosting.AMAZON_RDS
                ? NOT_ASKED
                : unlessRefused(database, () -> lastBackup(connection, database));
        return new DatabaseDetails(space.reservedBytes(), space.freeBytes(), backup.lastBackupAt());
    }

    /** Info must not fail because the login has no right to a detail, or because this kind of server does not have it. */
    private static DatabaseDetails unlessRefused(String database, Query query) throws SQLException {
        try {
            return query.run();
        } catch (SQLException e) {
            if (SqlServerErrors.code(e) == ErrorCode.SERVER_UNAVAILABLE) {
                throw e;
            }
            log.debug("Info of {} leaves out what the server refuses to say: {}", database, e.getMessage());
            return NOT_ASKED;
        }
    }

    private static DatabaseDetails space(Connection connection, String database) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TSql.space(database))) {
            row.next();
            return new DatabaseDetails(
                    row.getObject("reserved_bytes", Long.class), row.getObject("free_bytes", Long.class), null);
        }
    }

    private static DatabaseDetails lastBackup(Connection connection, String database) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TSql.LAST_BACKUP)) {
            statement.setString(1, database);
            statement.setString(2, database);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? new DatabaseDetails(null, null, finishedAt(row)) : NOT_ASKED;
            }
        }
    }

    /** The server records local time, and its offset from UTC beside it. */
    private static Instant finishedAt(ResultSet row) throws SQLException {
        int timeZone = row.getInt("time_zone");
        ZoneOffset offset = timeZone == UNKNOWN_TIME_ZONE
                ? row.getObject("now", OffsetDateTime.class).getOffset()
                : ZoneOffset.ofTotalSeconds(timeZone * QUARTER_SECONDS);
        return row.getObject("backup_finish_date", LocalDateTime.class).toInstant(offset);
    }
}
