package io.instanceworker.provision.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sessions on a database while a statement that needs exclusive access to it runs on another connection.
 *
 * <p>That statement (CREATE … TEMPLATE, or DROP) first takes the database's lock, which blocks new logins, and then waits
 * some seconds for the existing sessions to end. So no session is ended before the lock is held, no client can connect
 * again meanwhile, and after a crash at any moment the database accepts connections as before.
 */
final class SessionTerminator implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SessionTerminator.class);
    private static final long POLL_MILLIS = 200;

    private static final String LOCK_IS_HELD = """
            SELECT EXISTS (
                SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.objid
                WHERE l.locktype = 'object' AND l.classid = 'pg_catalog.pg_database'::regclass
                  AND l.granted AND l.pid = ? AND d.datname = ?)
            """;

    /** Those that this role may end. A session that it may not end would fail the whole statement. */
    private static final String END_SESSIONS = """
            SELECT pg_terminate_backend(a.pid)
            FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid,
                 pg_catalog.pg_roles me
            WHERE a.datname = ? AND a.pid <> ? AND coalesce(a.backend_type, 'client backend') = 'client backend'
              AND me.rolname = current_user AND
            """ + DatabaseUse.MAY_BE_ENDED;

    private final PostgresConnections connections;
    private final String databaseName;
    private final int workingPid;
    private final CountDownLatch done = new CountDownLatch(1);
    private final List<SQLException> failures = new ArrayList<>();
    private final Thread thread;

    private SessionTerminator(PostgresConnections connections, String databaseName, int workingPid) {
        this.connections = connections;
        this.databaseName = databaseName;
        this.workingPid = workingPid;
        this.thread = new Thread(this::run, "session-terminator-" + workingPid);
        this.thread.setDaemon(true);
    }

    /** Starts it; close it when the statement is done. Call just before the statement. */
    static SessionTerminator start(PostgresConnections connections, String databaseName, PostgresLock lock) {
        SessionTerminator terminator = new SessionTerminator(connections, databaseName, lock.backendPid());
        terminator.thread.start();
        return terminator;
    }

    private void run() {
        try (Connection connection = connections.get()) {
            int ended = 0;
            do {
                if (holdsLock(connection)) {
                    ended += endSessions(connection);
                }
            } while (!done.await(POLL_MILLIS, TimeUnit.MILLISECONDS));
            log.info(
                    "Ended {} sessions on the database {} so that the job could have it for itself",
                    ended,
                    databaseName);
        } catch (SQLException e) {
            // The statement then fails because the database is in use; the reason is in the log.
            failures.add(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean holdsLock(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOCK_IS_HELD)) {
            statement.setInt(1, workingPid);
            statement.setString(2, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private int endSessions(Connection connection) throws SQLException {
        int ended = 0;
        try (PreparedStatement statement = connection.prepareStatement(END_SESSIONS)) {
            statement.setString(1, databaseName);
            statement.setInt(2, workingPid);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    ended += row.getBoolean(1) ? 1 : 0;
                }
            }
        }
        return ended;
    }

    @Override
    public void close() {
        done.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        failures.forEach(e -> log.warn(
                "Could not end the sessions on the database {}, so it may be reported as in use: {}",
                databaseName,
                e.getMessage()));
    }
}
