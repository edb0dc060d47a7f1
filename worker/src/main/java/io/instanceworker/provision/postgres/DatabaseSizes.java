package io.instanceworker.provision.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures databases. The server reads the size of every file of a database, which takes long with many files or a slow
 * disk. So each batch has a time limit, and so have all batches together; a database that is not measured in time has no
 * size. The limit of a batch is the server's statement_timeout: otherwise the server would go on after the worker gave up.
 */
final class DatabaseSizes {

    /** Well below the time after which a silent server counts as unreachable. */
    static final DatabaseSizes IN_TIME = new DatabaseSizes(Duration.ofSeconds(20));

    private static final int BATCH = 20;

    /** Only a role that may connect to a database may read its size; for another one the function fails. */
    private static final String SIZE = """
            SELECT d.oid, CASE WHEN has_database_privilege(d.oid, 'CONNECT')
                                    OR pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
                               THEN pg_database_size(d.oid) END
            FROM pg_catalog.pg_database d
            """;

    private final Duration totalLimit;

    /** @param totalLimit after which the rest is left out; a batch is limited by the session's own statement_timeout */
    DatabaseSizes(Duration totalLimit) {
        this.totalLimit = totalLimit;
    }

    /** Sizes in bytes by oid, without the databases whose size may not be read or could not be measured in time. */
    Map<Long, Long> of(Connection connection, List<String> names) throws SQLException {
        Map<Long, Long> sizes = new HashMap<>();
        long end = System.nanoTime() + totalLimit.toNanos();
        for (int from = 0; from < names.size() && System.nanoTime() - end < 0; from += BATCH) {
            measure(connection, names.subList(from, Math.min(from + BATCH, names.size())), end, sizes);
        }
        return sizes;
    }

    /** One slow or dropped database fails its whole batch, whose others are then measured one by one. */
    private void measure(Connection connection, List<String> names, long end, Map<Long, Long> sizes)
            throws SQLException {
        try {
            sizes.putAll(measureAtOnce(connection, names));
        } catch (SQLException e) {
            if (!PostgresErrors.QUERY_CANCELED.equals(e.getSQLState())
                    && !PostgresErrors.UNDEFINED_DATABASE.equals(e.getSQLState())) {
                throw e;
            }
            if (names.size() == 1) {
                return;
            }
            for (String name : names) {
                if (System.nanoTime() - end < 0) {
                    measure(connection, List.of(name), end, sizes);
                }
            }
        }
    }

    private static Map<Long, Long> measureAtOnce(Connection connection, List<String> names) throws SQLException {
        Map<Long, Long> sizes = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(SIZE + "WHERE d.datname = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("text", names.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long size = row.getLong(2);
                    if (!row.wasNull()) {
                        sizes.put(row.getLong(1), size);
                    }
                }
            }
        }
        return sizes;
    }

    /** The size of one database in bytes, without a time limit; null if it is absent or its size may not be read. */
    static @Nullable Long one(Connection connection, String databaseName) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SIZE + "WHERE d.datname = ?")) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getObject(2, Long.class) : null;
            }
        }
    }
}
