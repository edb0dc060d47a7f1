package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions and objects use a database. PostgreSQL copies or drops a database only while nothing uses it, and fails
 * only after it has blocked new logins for five seconds. So the catalogs are read first.
 */
final class DatabaseUse {

    /**
     * Which sessions {@code a} of roles {@code r} the current role {@code me} may end: those of roles whose rights it has,
     * or all with pg_signal_backend, but a superuser's only as a superuser.
     */
    static final String MAY_BE_ENDED = """
            (NOT r.rolsuper OR me.rolsuper)
            AND (pg_has_role(current_user, r.oid, 'USAGE') OR pg_has_role(current_user, 'pg_signal_backend', 'USAGE'))
            """;

    /** All but autovacuum's, which have no user and which the server ends by itself. */
    private static final String SESSIONS = """
            SELECT a.pid FROM pg_catalog.pg_stat_activity a
            WHERE a.datname = ? AND a.usesysid IS NOT NULL AND a.pid <> pg_backend_pid()
            """;

    /** A plain role cannot read the type of another role's session; such a session counts as a client's. */
    private static final String SESSIONS_THAT_CANNOT_BE_ENDED = """
            SELECT string_agg(format('%s (%s) %s', who, application, sessions), ', ' ORDER BY sessions DESC)
            FROM (SELECT coalesce(a.usename::text, 'unknown') AS who,
                         coalesce(nullif(a.application_name, ''), 'no name') AS application, count(*) AS sessions
                  FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid,
                       pg_catalog.pg_roles me
                  WHERE a.datname = ? AND a.usesysid IS NOT NULL AND a.pid <> pg_backend_pid()
                    AND me.rolname = current_user
                    AND NOT coalesce(
                        coalesce(a.backend_type, 'client backend') IN ('client backend', 'parallel worker') AND
            """ + MAY_BE_ENDED + """
                        , false)
                  GROUP BY 1, 2) s
            """;

    /** What stays although all sessions end. */
    private static final String HELD_WITHOUT_SESSION = """
            SELECT string_agg(held, '; ') FROM (SELECT CAST(? AS text) AS name) wanted, LATERAL (
                SELECT format('the prepared transaction %L of %s', gid, owner) AS held
                FROM pg_catalog.pg_prepared_xacts WHERE database = wanted.name
                UNION ALL
                SELECT format('the replication slot %s', slot_name)
                FROM pg_catalog.pg_replication_slots WHERE database = wanted.name AND active
                LIMIT 5) h
            """;

    private static final String USE = "SELECT ARRAY(" + SESSIONS + "), (" + HELD_WITHOUT_SESSION + ")";

    /** They prevent only a drop: a copy does not get the source's subscriptions. */
    private static final String SUBSCRIPTIONS = """
            SELECT string_agg(format('the subscription %s', s.subname), '; ')
            FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = ?
            """;

    private static final String ONE_SECOND = "SELECT pg_sleep(1)";

    private final PostgresLock lock;
    private final String databaseName;

    DatabaseUse(PostgresLock lock, String databaseName) {
        this.lock = lock;
        this.databaseName = databaseName;
    }

    /**
     * Before a statement that waits for the sessions to end by themselves. Short sessions do not prevent it: it blocks new
     * ones and waits for the others. So only a session that lasts longer than a second counts.
     *
     * @throws ProvisioningException {@code SOURCE_BUSY}
     */
    void refuseWhatStays() throws SQLException {
        Use use = use();
        Set<Integer> staying = new HashSet<>(use.sessions());
        if (!staying.isEmpty()) {
            lock.execute(ONE_SECOND);
            staying.retainAll(use().sessions());
        }
        if (!staying.isEmpty() || use.heldWithoutSession() != null) {
            throw new ProvisioningException(
                    ErrorCode.SOURCE_BUSY,
                    "\"" + databaseName + "\" is in use: " + by(lock.session(), databaseName)
                            + ". PostgreSQL copies a database only while nobody is connected to it.");
        }
    }

    /**
     * Before a statement that ends the sessions. If one of them cannot be ended, none is: the statement would fail all the same.
     *
     * @throws ProvisioningException {@code SOURCE_BUSY}
     */
    void refuseWhatCannotBeEnded(boolean toDrop) throws SQLException {
        String inTheWay = joined(
                prefixed("sessions of ", ask(SESSIONS_THAT_CANNOT_BE_ENDED)),
                ask(HELD_WITHOUT_SESSION),
                toDrop ? ask(SUBSCRIPTIONS) : null);
        if (inTheWay != null) {
            throw new ProvisioningException(
                    ErrorCode.SOURCE_BUSY,
                    "\"" + databaseName + "\" is in use, and the worker's role cannot end that: " + inTheWay
                            + ". No session was ended. Make an end of it there; for sessions of other roles, membership"
                            + " in these or in pg_signal_backend helps, except for superusers'.");
        }
    }

    /** The failure of a statement that needs a database for itself, because somebody else uses it. */
    static ProvisioningException mustWait(PostgresLock lock, String doing, String databaseName, SQLException e)
            throws SQLException {
        return PostgresErrors.exception(
                ErrorCode.SOURCE_BUSY,
                doing + " \"" + databaseName + "\" has to wait: it is in use, and the worker's role cannot end that: "
                        + by(lock.session(), databaseName) + ".",
                e);
    }

    /** A sentence that names what uses the database. */
    static String by(Connection connection, String databaseName) throws SQLException {
        String sessions = "connected are " + PostgresCatalog.sessions(connection, databaseName);
        String held = ask(connection, HELD_WITHOUT_SESSION, databaseName);
        return held == null ? sessions : sessions + "; it is held by " + held;
    }

    private record Use(Set<Integer> sessions, @Nullable String heldWithoutSession) {}

    private Use use() throws SQLException {
        try (PreparedStatement statement = lock.session().prepareStatement(USE)) {
            statement.setString(1, databaseName);
            statement.setString(2, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Use(Set.of((Integer[]) row.getArray(1).getArray()), row.getString(2));
            }
        }
    }

    private @Nullable String ask(String sql) throws SQLException {
        return ask(lock.session(), sql, databaseName);
    }

    /** The one value of a query whose only parameter is the database's name. */
    private static @Nullable String ask(Connection connection, String sql, String databaseName) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    private static @Nullable String prefixed(String prefix, @Nullable String text) {
        return text == null ? null : prefix + text;
    }

    private static @Nullable String joined(@Nullable String... parts) {
        String all = Stream.of(parts).filter(Objects::nonNull).collect(Collectors.joining("; "));
        return all.isEmpty() ? null : all;
    }
}
