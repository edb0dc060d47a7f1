package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StepListener;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Session advisory locks in the journal's database (advisory locks are per database, so all workers must use the same
 * one), and the session that holds them, on which the work is done.
 */
final class PostgresLock implements InstanceLock {

    static final String APPLICATION_NAME = "instance-worker";

    private static final Logger log = LoggerFactory.getLogger(PostgresLock.class);
    static final int OLDEST_VERSION = 11;
    private static final int CHECKS_CONNECTION_SINCE = 14;

    /** The server then rolls back a CREATE whose worker has disconnected. Never set for a DROP, which must not be cancelled. */
    private static final String NOTICE_LOST_WORKER = "SET client_connection_check_interval = '10s'";

    private static final String IGNORE_LOST_WORKER = "SET client_connection_check_interval = 0";

    private static final String SESSION =
            "SELECT pg_backend_pid(), current_user, floor(extract(epoch FROM clock_timestamp()))::bigint";

    private final PostgresConnections connections;
    private final String owner;
    private final Connection session;
    private final StepListener steps;
    private final int backendPid;
    private final int majorVersion;
    private String currentUser = "";
    private Instant takenAt = Instant.EPOCH;

    private PostgresLock(PostgresConnections connections, String owner, Connection session, StepListener steps)
            throws SQLException {
        this.connections = connections;
        this.owner = owner;
        this.session = session;
        this.steps = steps;
        this.backendPid = session.unwrap(PGConnection.class).getBackendPID();
        this.majorVersion = session.getMetaData().getDatabaseMajorVersion();
    }

    /** @return empty if another session holds one of the locks */
    static Optional<PostgresLock> tryLock(
            PostgresConnections connections, PostgresJournal journal, LockRequest request, StepListener steps)
            throws SQLException {
        SortedMap<Long, Boolean> exclusiveByKey = new TreeMap<>();
        request.shared().forEach(name -> exclusiveByKey.put(PostgresNames.lockKey(name), false));
        request.exclusive().forEach(name -> exclusiveByKey.put(PostgresNames.lockKey(name), true));
        return tryLock(connections, journal, exclusiveByKey, steps);
    }

    /** The exclusive lock with a key, where the name is not known. */
    static Optional<PostgresLock> tryLock(PostgresConnections connections, PostgresJournal journal, long key)
            throws SQLException {
        return tryLock(connections, journal, new TreeMap<>(Map.of(key, true)), step -> {});
    }

    private static Optional<PostgresLock> tryLock(
            PostgresConnections connections,
            PostgresJournal journal,
            SortedMap<Long, Boolean> exclusiveByKey,
            StepListener steps)
            throws SQLException {
        Connection session = journal.session();
        boolean locked = false;
        try {
            PostgresLock lock = new PostgresLock(connections, journal.owner(), session, steps);
            lock.refuseOldVersions();
            if (!lock.take(exclusiveByKey)) {
                return Optional.empty();
            }
            PostgresConnections.lift(session);
            locked = true;
            return Optional.of(lock);
        } finally {
            if (!locked) {
                release(connections, session);
            }
        }
    }

    /**
     * Takes the locks in the order of their keys, so that two jobs that need the same locks both begin with the same one. The
     * same statement reads what the job needs to know of the session.
     */
    private boolean take(SortedMap<Long, Boolean> exclusiveByKey) throws SQLException {
        String locks = exclusiveByKey.values().stream()
                .map(exclusive -> exclusive ? ", pg_try_advisory_lock(?)" : ", pg_try_advisory_lock_shared(?)")
                .collect(Collectors.joining());
        try (PreparedStatement statement = session.prepareStatement(SESSION + locks)) {
            int parameter = 0;
            for (long key : exclusiveByKey.keySet()) {
                statement.setLong(++parameter, key);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                refusePooler(row.getInt(1));
                currentUser = row.getString(2);
                takenAt = Instant.ofEpochSecond(row.getLong(3));
                boolean all = true;
                for (int lock = 1; lock <= parameter; lock++) {
                    all &= row.getBoolean(lock + 3);
                }
                return all;
            }
        }
    }

    private void refuseOldVersions() {
        if (majorVersion < OLDEST_VERSION) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The server is PostgreSQL " + majorVersion + "; the oldest supported is " + OLDEST_VERSION + ".");
        }
    }

    /**
     * A pooler in transaction mode runs one client's statements in several sessions and so loses session locks. The process id
     * that it reports at the login is not that of the server's session.
     */
    private void refusePooler(int serversPid) {
        if (serversPid != backendPid) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The server's url leads to a connection pooler, which loses session locks. Use the server's own"
                            + " address.");
        }
    }

    Connection session() {
        return session;
    }

    String currentUser() {
        return currentUser;
    }

    /** By the server's clock, in whole seconds. */
    Instant takenAt() {
        return takenAt;
    }

    int backendPid() {
        return backendPid;
    }

    int majorVersion() {
        return majorVersion;
    }

    String journalDatabase() {
        return connections.journalDatabase();
    }

    void step(String step) {
        steps.at(step);
    }

    /** Adds a warning to the job's result and the log. The job goes on. */
    void warn(String warning) {
        log.warn("{}", warning);
        steps.warn(warning);
    }

    /** Runs a statement on the session that holds the lock. */
    void execute(String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The work of a transaction. */
    interface Work {
        void run() throws SQLException;
    }

    /**
     * Runs the work and then {@code atCommit} in one transaction on the session that holds the lock. The work makes the commit
     * durable.
     */
    void inTransaction(Runnable atCommit, Work work) throws SQLException {
        session.setAutoCommit(false);
        try {
            work.run();
            atCommit.run();
            session.commit();
        } catch (SQLException | RuntimeException e) {
            rollBackAfter(e);
            throw e;
        } finally {
            if (!session.isClosed()) {
                session.setAutoCommit(true);
            }
        }
    }

    private void rollBackAfter(Exception e) {
        try {
            session.rollback();
        } catch (SQLException lost) {
            e.addSuppressed(lost);
        }
    }

    /**
     * Sets an application name that says that this session creates a database, and for which worker. From now on another
     * worker may end the session if this worker crashes.
     */
    void announce(InstanceState creating) throws SQLException {
        String announcement = "SET application_name = " + Sql.literal(creating(creating, owner));
        if (majorVersion < CHECKS_CONNECTION_SINCE) {
            execute(announcement);
            return;
        }
        try {
            execute(announcement + "; " + NOTICE_LOST_WORKER);
        } catch (SQLException e) {
            if (!PostgresErrors.INVALID_PARAMETER_VALUE.equals(e.getSQLState())) {
                throw e;
            }
            log.debug("The server's operating system cannot notice a lost client: {}", e.getMessage());
            execute(announcement);
        }
    }

    /** After a CREATE that has failed. */
    void endCreateAfter(SQLException failure) {
        try {
            endCreate();
        } catch (SQLException lost) {
            failure.addSuppressed(lost);
        }
    }

    /** After the CREATE. The server no longer rolls back when the worker has disconnected. */
    void endCreate() throws SQLException {
        if (majorVersion >= CHECKS_CONNECTION_SINCE) {
            execute(IGNORE_LOST_WORKER);
        }
    }

    /** The application name of a session that creates a database. */
    static String creating(InstanceState state, String owner) {
        return APPLICATION_NAME + " " + state.name() + " " + owner;
    }

    /** The worker in such an application name. */
    static String ownerIn(String applicationName) {
        return applicationName.substring(applicationName.lastIndexOf(' ') + 1);
    }

    @Override
    public void close() {
        release(connections, session);
    }

    private static void release(PostgresConnections connections, Connection session) {
        try (session) {
            giveBackClean(connections, session);
        } catch (SQLException e) {
            log.debug("Closing the session of a lock failed, so it has ended already: {}", e.getMessage());
        }
    }

    /** A session that may still hold a lock must not go back into the pool. */
    private static void giveBackClean(PostgresConnections connections, Connection session) {
        try (Statement statement = session.createStatement()) {
            statement.execute("SELECT pg_advisory_unlock_all(); RESET application_name");
        } catch (SQLException e) {
            log.debug("The session of a lock is ended, not reused: {}", e.getMessage());
            connections.discardJournal(session);
        }
    }
}
