package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.StepListener;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Session-owned application locks in the journal's database (they are per database, so all workers must use the same one), and
 * the session that holds them, on which the work is done.
 */
final class SqlServerLock implements InstanceLock {

    /** The mode that permits other readers, and the mode that permits nobody else. */
    private static final String SHARED = "Shared";

    private static final String EXCLUSIVE = "Exclusive";

    /** What sp_getapplock returns if another session has the lock. */
    private static final int NOT_IN_TIME = -1;

    private static final Logger log = LoggerFactory.getLogger(SqlServerLock.class);

    private final SqlServerConnections connections;
    private final Connection session;
    private final StepListener steps;
    private final List<String> taken = new ArrayList<>();
    private @Nullable Connection committing;

    private SqlServerLock(SqlServerConnections connections, Connection session, StepListener steps) {
        this.connections = connections;
        this.session = session;
        this.steps = steps;
    }

    /** @return empty if another session holds one of the locks */
    static Optional<SqlServerLock> tryLock(
            SqlServerConnections connections, SqlServerJournal journal, LockRequest request, StepListener steps)
            throws SQLException {
        SortedMap<String, String> modes = new TreeMap<>();
        request.shared().forEach(name -> modes.put(resource(SqlServerNames.lockKey(name)), SHARED));
        request.exclusive().forEach(name -> modes.put(resource(SqlServerNames.lockKey(name)), EXCLUSIVE));
        return tryLock(connections, journal, modes, steps);
    }

    /** The exclusive lock with a key, where the name is not known. */
    static Optional<SqlServerLock> tryLock(SqlServerConnections connections, SqlServerJournal journal, String key)
            throws SQLException {
        return tryLock(connections, journal, new TreeMap<>(Map.of(resource(key), EXCLUSIVE)), step -> {});
    }

    static String resource(String key) {
        return "instance-worker " + key;
    }

    /** Takes the locks in the order of their names, so that two jobs that need the same locks both begin with the same one. */
    private static Optional<SqlServerLock> tryLock(
            SqlServerConnections connections,
            SqlServerJournal journal,
            SortedMap<String, String> modes,
            StepListener steps)
            throws SQLException {
        SqlServerLock lock = new SqlServerLock(connections, journal.session(), steps);
        boolean all = false;
        try {
            if (!lock.takeAll(modes)) {
                return Optional.empty();
            }
            SqlServerConnections.lift(lock.session);
            all = true;
            return Optional.of(lock);
        } finally {
            if (!all) {
                lock.close();
            }
        }
    }

    private boolean takeAll(SortedMap<String, String> modes) throws SQLException {
        for (Map.Entry<String, String> lock : modes.entrySet()) {
            if (!take(session, lock.getKey(), lock.getValue(), 0)) {
                return false;
            }
            taken.add(lock.getKey());
        }
        return true;
    }

    static boolean takeExclusive(Connection session, String resource, int timeoutMillis) throws SQLException {
        return take(session, resource, EXCLUSIVE, timeoutMillis);
    }

    private static boolean take(Connection session, String resource, String mode, int timeoutMillis)
            throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(TSql.LOCK)) {
            statement.setString(1, resource);
            statement.setString(2, mode);
            statement.setInt(3, timeoutMillis);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                int taken = row.getInt("taken");
                if (taken < NOT_IN_TIME) {
                    throw new SQLException("sp_getapplock returned " + taken);
                }
                return taken != NOT_IN_TIME;
            }
        }
    }

    Connection session() {
        return session;
    }

    /** The session for the journal's statements: while a database gets its name, one that is in a transaction. */
    Connection journalSession() {
        return committing == null ? session : committing;
    }

    void step(String step) {
        steps.at(step);
    }

    /** Adds a warning to the job's result and the log. The job goes on. */
    void warn(String warning) {
        log.warn("{}", warning);
        steps.warn(warning);
    }

    /** Runs a batch on the session that holds the lock. */
    void execute(String sql) throws SQLException {
        execute(session, sql);
    }

    /** Reads all answers of the batch: the driver reports the failure of a statement only when its answer is read. */
    static void execute(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(sql);
            readAll(statement);
        }
    }

    /** The same for a text with parameters. */
    static void execute(Connection session, String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            statement.execute();
            readAll(statement);
        }
    }

    private static void readAll(Statement statement) throws SQLException {
        while (statement.getMoreResults() || statement.getUpdateCount() != -1) {
            // The answers themselves are not needed.
        }
    }

    /**
     * Writes the end of the job and gives the database its name. SQL Server renames no database in a transaction, so the
     * rename runs on the session that holds the lock while the journal's transaction is open on another. A crash between the
     * rename and the commit leaves a database with the job's mark, by which the next delivery of the job knows its own work.
     */
    void commit(Runnable atCommit, String rename) throws SQLException {
        try (Connection transaction = connections.getJournal()) {
            transaction.setAutoCommit(false);
            committing = transaction;
            try {
                atCommit.run();
                execute(rename);
                transaction.commit();
            } catch (SQLException | RuntimeException e) {
                rollBackAfter(e, transaction);
                throw e;
            } finally {
                committing = null;
            }
        }
    }

    private static void rollBackAfter(Exception e, Connection transaction) {
        try {
            transaction.rollback();
        } catch (SQLException lost) {
            e.addSuppressed(lost);
        }
    }

    @Override
    public void close() {
        try (session) {
            release();
        } catch (SQLException e) {
            log.debug("Closing the session of a lock failed, so it has ended already: {}", e.getMessage());
        }
    }

    /** A session that may still hold a lock must not go back into the pool. */
    private void release() {
        try (PreparedStatement statement = session.prepareStatement(TSql.UNLOCK)) {
            for (String resource : taken) {
                statement.setString(1, resource);
                statement.execute();
            }
        } catch (SQLException e) {
            log.debug("The session of a lock is ended, not reused: {}", e.getMessage());
            connections.discardJournal(session);
        }
    }
}
