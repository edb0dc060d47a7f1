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
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Session-owned application locks in the journal's database (they are per database, so all workers must use the same one), and
 * the session that holds them, on which the work is done. Where a session is bound to its database, databases are made and dropped
 * on another session, in {@code master}.
 */
final class SqlServerLock implements InstanceLock {

    /** The mode that permits other readers, and the mode that permits nobody else. */
    private static final String SHARED = "Shared";

    private static final String EXCLUSIVE = "Exclusive";

    /** The mode of a lock that the session does not hold. */
    private static final String NO_LOCK = "NoLock";

    /** What sp_getapplock returns if another session has the lock. */
    private static final int NOT_IN_TIME = -1;

    private static final Logger log = LoggerFactory.getLogger(SqlServerLock.class);

    private final SqlServerConnections connections;
    private final HostingForms forms;
    private final Connection session;
    private final StepListener steps;
    private final List<String> taken = new ArrayList<>();
    private @Nullable Connection server;
    private @Nullable Connection committing;
    private int sessionId;

    private SqlServerLock(
            SqlServerConnections connections, HostingForms forms, Connection session, StepListener steps) {
        this.connections = connections;
        this.forms = forms;
        this.session = session;
        this.steps = steps;
    }

    /** @return empty if another session holds one of the locks */
    static Optional<SqlServerLock> tryLock(
            SqlServerConnections connections,
            SqlServerJournal journal,
            HostingForms forms,
            LockRequest request,
            StepListener steps)
            throws SQLException {
        SortedMap<String, String> modes = new TreeMap<>();
        request.shared().forEach(name -> modes.put(resource(SqlServerNames.lockKey(name)), SHARED));
        request.exclusive().forEach(name -> modes.put(resource(SqlServerNames.lockKey(name)), EXCLUSIVE));
        return tryLock(connections, journal, forms, modes, steps);
    }

    /** The exclusive lock with a key, where the name is not known. */
    static Optional<SqlServerLock> tryLock(
            SqlServerConnections connections, SqlServerJournal journal, HostingForms forms, String key)
            throws SQLException {
        return tryLock(connections, journal, forms, new TreeMap<>(Map.of(resource(key), EXCLUSIVE)), step -> {});
    }

    static String resource(String key) {
        return "instance-worker " + key;
    }

    /** Takes the locks in the order of their names, so that two jobs that need the same locks both begin with the same one. */
    private static Optional<SqlServerLock> tryLock(
            SqlServerConnections connections,
            SqlServerJournal journal,
            HostingForms forms,
            SortedMap<String, String> modes,
            StepListener steps)
            throws SQLException {
        SqlServerLock lock = new SqlServerLock(connections, forms, journal.session(), steps);
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
            OptionalInt holder = take(session, lock.getKey(), lock.getValue(), 0);
            if (holder.isEmpty()) {
                return false;
            }
            sessionId = holder.orElseThrow();
            taken.add(lock.getKey());
        }
        return true;
    }

    /**
     * Takes the lock on the kept backup of a template, until this lock is closed: shared to restore from it, exclusive to
     * replace it. Does not wait, and so cannot be part of a deadlock.
     *
     * @return false if others hold it
     */
    boolean tryTemplate(String template, boolean exclusive) throws SQLException {
        String resource = ofTemplate(template);
        if (take(session, resource, exclusive ? EXCLUSIVE : SHARED, 0).isEmpty()) {
            return false;
        }
        taken.add(resource);
        return true;
    }

    /** Releases what {@link #tryTemplate} has taken last. */
    void releaseTemplate(String template) throws SQLException {
        execute(session, TSql.UNLOCK, ofTemplate(template));
        taken.remove(ofTemplate(template));
    }

    private static String ofTemplate(String template) {
        return resource("template " + SqlServerNames.lockKey(template));
    }

    static boolean takeExclusive(Connection session, String resource, int timeoutMillis) throws SQLException {
        return take(session, resource, EXCLUSIVE, timeoutMillis).isPresent();
    }

    /** @return the server's number of this session; empty if another session has the lock */
    private static OptionalInt take(Connection session, String resource, String mode, int timeoutMillis)
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
                return taken == NOT_IN_TIME ? OptionalInt.empty() : OptionalInt.of(row.getInt("session_id"));
            }
        }
    }

    /** The session that holds the lock, in the journal's database. */
    Connection session() {
        return session;
    }

    /** The session on which databases are listed, made and dropped. */
    Connection server() throws SQLException {
        Connection known = server;
        if (known == null) {
            boolean another = forms.of(session).bindsSessions();
            known = another ? connections.open(null) : session;
            server = known;
            if (another) {
                SqlServerConnections.lift(known);
                SqlServerConnections.limit(session);
            }
        }
        return known;
    }

    /** What runs on another session than the one that holds the lock would run also if the lock is lost. */
    void requireHeld() throws SQLException {
        if (server() == session) {
            return;
        }
        for (String resource : taken) {
            try (PreparedStatement statement = session.prepareStatement(TSql.LOCK_MODE)) {
                statement.setString(1, resource);
                try (ResultSet row = statement.executeQuery()) {
                    if (!row.next() || NO_LOCK.equals(row.getString("lock_mode"))) {
                        throw new SQLException("The session of the lock was lost", "08S01");
                    }
                }
            }
        }
    }

    /** The server's number of the session. */
    int sessionId() {
        return sessionId;
    }

    /** The session for the journal's statements: while a database gets its name, one that is in a transaction. */
    Connection journalSession() {
        return committing == null ? session : committing;
    }

    void step(String step) {
        steps.at(step);
    }

    /** May be called on any thread. */
    void progress(int percent) {
        steps.progress(percent);
    }

    /** Adds a warning to the job's result and the log. The job goes on. */
    void warn(String warning) {
        log.warn("{}", warning);
        steps.warn(warning);
    }

    /** Runs a batch that makes, changes or drops databases. */
    void execute(String sql) throws SQLException {
        requireHeld();
        execute(server(), sql);
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

    /** The last change of a job. */
    interface LastChange {
        void run() throws SQLException;
    }

    /**
     * Writes the end of the job and makes its last change: the database gets its name, its trash name, or its mark. SQL Server
     * renames no database in a transaction, so the change runs outside of the journal's transaction, while this is open on another
     * session. After a crash between the change and the commit, the next delivery of the job knows its own work by the mark of
     * the database, or by what the job has written in the journal before.
     */
    void commit(Runnable atCommit, LastChange change) throws SQLException {
        try (Connection transaction = connections.getJournal()) {
            transaction.setAutoCommit(false);
            committing = transaction;
            try {
                atCommit.run();
                change.run();
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
        if (server != null && server != session) {
            closeServer(server);
        }
        try {
            if (release()) {
                session.close();
            }
        } catch (SQLException e) {
            log.debug("Closing the session of a lock failed, so it has ended already: {}", e.getMessage());
        }
    }

    private static void closeServer(Connection server) {
        try {
            server.close();
        } catch (SQLException e) {
            log.debug("Closing the session in master failed, so it has ended already: {}", e.getMessage());
        }
    }

    /** @return false if the session was ended: one that may still hold a lock must not go back into the pool */
    private boolean release() {
        try (PreparedStatement statement = session.prepareStatement(TSql.UNLOCK)) {
            for (String resource : taken) {
                statement.setString(1, resource);
                statement.execute();
            }
            return true;
        } catch (SQLException e) {
            log.debug("The session of a lock is ended, not reused: {}", e.getMessage());
            connections.discardJournal(session);
            return false;
        }
    }
}
