package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.result.InstanceInfo;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the server's catalogs say of databases. Reads only. */
final class PostgresCatalog {

    private static final String DATABASES = """
            SELECT d.datname, d.oid::text AS identity, d.datallowconn, d.datconnlimit,
                   shobj_description(d.oid, 'pg_database') AS comment
            FROM pg_catalog.pg_database d
            """;

    /** A plain role cannot read the type of another role's session; such a session counts as a client's. */
    private static final String MEASURED_DATABASES = """
            SELECT d.oid, d.oid::text AS identity, d.datname, d.datallowconn, d.datconnlimit,
                   shobj_description(d.oid, 'pg_database') AS comment, coalesce(a.connections, 0) AS connections,
                   pg_get_userbyid(d.datdba) AS owner, d.datcollate, current_setting('server_version') AS version
            FROM pg_catalog.pg_database d
            LEFT JOIN (SELECT datid, count(*) AS connections FROM pg_catalog.pg_stat_activity
                       WHERE usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
                       GROUP BY datid) a ON a.datid = d.oid
            WHERE d.datname = ANY (?)
            """;

    /** The application name of the session that holds the exclusive lock on a name. */
    private static final String MAKER = """
            SELECT a.application_name
            FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock'
              AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = ?)
              AND l.classid::bigint = ? AND l.objid::bigint = ? AND l.objsubid = 1
            """;

    /** The datconnlimit of a database whose DROP was interrupted. */
    private static final int CONNECTION_LIMIT_OF_INVALID = -2;

    private PostgresCatalog() {}

    /** @param journalDatabase where the locks are */
    static InstanceStatus status(Connection connection, String databaseName, String journalDatabase)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DATABASES + "WHERE d.datname = ?")) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    return status(databaseName, row);
                }
            }
        }
        return InstanceStatus.of(databaseName, stateOfAbsent(connection, databaseName, journalDatabase), null);
    }

    /** A database that is being created has a staging name. The session that holds the lock on its name says what it creates. */
    private static InstanceState stateOfAbsent(Connection connection, String databaseName, String journalDatabase)
            throws SQLException {
        long key = PostgresNames.lockKey(databaseName);
        try (PreparedStatement statement = connection.prepareStatement(MAKER)) {
            statement.setString(1, journalDatabase);
            statement.setLong(2, key >>> 32);
            statement.setLong(3, key & 0xFFFF_FFFFL);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    for (InstanceState making : List.of(InstanceState.BUILDING, InstanceState.COPYING)) {
                        if (String.valueOf(row.getString(1)).startsWith(PostgresLock.creating(making, ""))) {
                            return making;
                        }
                    }
                }
            }
        }
        return InstanceState.NOT_FOUND;
    }

    static List<InstanceStatus> all(Connection connection, String journalDatabase) throws SQLException {
        List<InstanceStatus> databases = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                DATABASES + "WHERE d.datname NOT IN ('template0', 'template1', current_database(), ?)")) {
            statement.setString(1, journalDatabase);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = row.getString("datname");
                    if (!PostgresNames.isOwn(name)) {
                        databases.add(status(name, row));
                    }
                }
            }
        }
        return databases;
    }

    /** With a null size for a database that cannot be measured, and without one that is dropped meanwhile. */
    static List<InstanceStatus> measured(Connection connection, Collection<String> databaseNames, DatabaseSizes sizes)
            throws SQLException {
        Map<Long, Long> sizeByOid = sizes.of(connection, List.copyOf(databaseNames));
        List<InstanceStatus> measured = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(MEASURED_DATABASES)) {
            statement.setArray(1, connection.createArrayOf("text", databaseNames.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    measured.add(measured(row, sizeByOid.get(row.getLong("oid"))));
                }
            }
        }
        return measured;
    }

    private static InstanceStatus measured(ResultSet row, @Nullable Long sizeBytes) throws SQLException {
        int active = row.getInt("connections");
        OwnershipMark mark = mark(row);
        InstanceInfo info = new InstanceInfo(
                InstanceInfo.Sizes.ofTotal(sizeBytes),
                active,
                row.getString("owner"),
                row.getString("datcollate"),
                null,
                null,
                null,
                OwnershipMark.origin(mark),
                new InstanceInfo.Engine("PostgreSQL", row.getString("version"), null));
        return new InstanceStatus(
                row.getString("datname"),
                state(row),
                mark,
                isMarkUnreadable(row),
                sizeBytes,
                active,
                info,
                row.getString("identity"));
    }

    private static InstanceStatus status(String databaseName, ResultSet row) throws SQLException {
        return new InstanceStatus(
                databaseName,
                state(row),
                mark(row),
                isMarkUnreadable(row),
                null,
                null,
                null,
                row.getString("identity"));
    }

    static InstanceState state(ResultSet row) throws SQLException {
        if (row.getInt("datconnlimit") == CONNECTION_LIMIT_OF_INVALID) {
            return InstanceState.INVALID;
        }
        return row.getBoolean("datallowconn") ? InstanceState.ONLINE : InstanceState.OFFLINE;
    }

    private static @Nullable OwnershipMark mark(ResultSet row) throws SQLException {
        return OwnershipMark.parse(row.getString("comment")).orElse(null);
    }

    private static boolean isMarkUnreadable(ResultSet row) throws SQLException {
        return OwnershipMark.isUnreadable(row.getString("comment"));
    }

    static List<String> stagingOf(Connection connection, String databaseName) throws SQLException {
        return names(
                connection,
                "SELECT datname FROM pg_catalog.pg_database WHERE starts_with(datname, ?)",
                PostgresNames.stagingPrefix(databaseName));
    }

    /**
     * The databases that have the name of a staging database, do not allow connections, and belong to a role whose
     * privileges this one has.
     */
    static List<String> staging(Connection connection) throws SQLException {
        return names(connection, """
                SELECT datname FROM pg_catalog.pg_database
                WHERE starts_with(datname, ?) AND NOT datallowconn AND pg_has_role(current_user, datdba, 'USAGE')
                ORDER BY datname
                """, PostgresNames.STAGING_PREFIX);
    }

    /** By the server's clock, in whole seconds. */
    static Instant now(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint")) {
            row.next();
            return Instant.ofEpochSecond(row.getLong(1));
        }
    }

    private static List<String> names(Connection connection, String sql, String prefix) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, prefix);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
        }
        return names;
    }

    /** The sessions on a database by user and application: {@code ods_api (EdFi.Ods.WebApi) 3, dba (psql) 1}. */
    static String sessions(Connection connection, String databaseName) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT string_agg(format('%s (%s) %s', who, application, sessions), ', ' ORDER BY sessions DESC)
                FROM (SELECT coalesce(usename::text, 'unknown') AS who,
                             coalesce(nullif(application_name, ''), 'no name') AS application, count(*) AS sessions
                      FROM pg_catalog.pg_stat_activity
                      WHERE datname = ? AND usesysid IS NOT NULL
                        AND coalesce(backend_type, 'client backend') = 'client backend'
                      GROUP BY 1, 2) s
                """)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getString(1) != null ? row.getString(1) : "nobody any more";
            }
        }
    }

    /** A copy has its source's grants and connection limit, which may not let the worker's role connect. */
    static boolean mayConnect(Connection connection, String databaseName) throws SQLException {
        return queryBoolean(
                        connection,
                        "SELECT has_database_privilege(oid, 'CONNECT') AND datconnlimit <> 0"
                                + " FROM pg_catalog.pg_database WHERE datname = ?",
                        databaseName)
                .orElse(false);
    }

    /** Whether this role may do to the database what only its owner may. */
    static boolean ownsOrIsAbsent(Connection connection, String databaseName) throws SQLException {
        return queryBoolean(
                        connection,
                        "SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_catalog.pg_database WHERE datname = ?",
                        databaseName)
                .orElse(true);
    }

    /** Whether the operating system's collations changed since the database was created. The server knows it from 15 on. */
    static boolean collationVersionDiffers(Connection connection, String databaseName) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() >= 15
                && queryBoolean(connection, """
                                SELECT datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)
                                FROM pg_catalog.pg_database WHERE datname = ?
                                """, databaseName).orElse(false);
    }

    private static Optional<Boolean> queryBoolean(Connection connection, String sql, String databaseName)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getBoolean(1)) : Optional.empty();
            }
        }
    }
}
