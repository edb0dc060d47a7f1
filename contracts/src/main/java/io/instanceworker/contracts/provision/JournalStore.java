package io.instanceworker.contracts.provision;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The worker's own database on a server, with the table {@code job_run}. The engine creates the database and the table if they
 * are absent and the login may create them. The worker reads and writes the rows.
 *
 * <p>Called from many threads at once. The columns of the table are documented in {@code docs/operating.md}.
 */
public interface JournalStore {

    /**
     * A session in the journal's database, in autocommit mode. The caller closes it.
     *
     * @throws ProvisioningException if no session can be opened; for a missing privilege its message says what an administrator
     *     has to run
     */
    Connection connect();

    /**
     * A session in the journal's database for a person who reads it. Creates nothing. The caller closes it.
     *
     * @throws ProvisioningException if no session can be opened, or there is no journal yet
     */
    default Connection open() {
        return connect();
    }

    /** The session of a lock of this engine. It is in the journal's database too. The caller does not close it. */
    Connection sessionOf(InstanceLock lock);

    /**
     * Makes the commit of the session's current transaction durable: it survives a crash of the server. Other commits on these
     * sessions need not be durable. An engine whose commits are always durable has nothing to do here. In the transaction that
     * gives a database its name this method is not called; the engine must make that commit durable itself.
     */
    default void makeDurable(Connection session) throws SQLException {}

    /**
     * Whether the end of an Add or Copy is committed in the transaction that gives the database its name. If not, a crash between
     * the two leaves a finished database without a written end, and the worker looks for it before it reports a failure.
     */
    default boolean commitsEndWithName() {
        return true;
    }

    /** The SQL expression for the server's clock, with its time zone; like {@code clock_timestamp()}. */
    String clock();

    /** The SQL expression for the time {@code ?} milliseconds ago by the same clock, with one parameter. */
    String millisAgo();

    /** @param doing what was tried, as the start of a sentence */
    ProvisioningException translate(String doing, SQLException e);

    /** Identifies the sessions of this worker process on this server. No other process ever has the same value. */
    String owner();

    /**
     * Ends the session in which a crashed worker still creates a database, so that its lock is free at once. A session that
     * drops an existing database is never ended, and neither is a session of a running worker.
     *
     * @param databaseName the database that the session creates
     * @param patience if the session's worker still seems to run: how long to wait until the server has noticed its crash
     * @return true if there was such a session and it has ended
     */
    boolean endOrphan(String databaseName, Duration patience);
}
