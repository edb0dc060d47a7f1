package io.instanceworker.contracts.provision;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The worker's own database on a server, which holds the table {@code job_run}. The engine makes the database and the table
 * where they are absent and the login may; the worker reads and writes the rows.
 *
 * <p>Called from many threads at once. The columns of the table are documented in {@code docs/operating.md}.
 */
public interface JournalStore {

    /**
     * A session in the journal's database, in autocommit. The caller closes it.
     *
     * @throws ProvisioningException if there is none; for a missing right the message says what an administrator has to run
     */
    Connection connect();

    /** The session of a lock that this engine gave out, which is in the journal's database too. The caller does not close it. */
    Connection sessionOf(InstanceLock lock);

    /**
     * Makes the commit of the session's current transaction survive a crash of the server. Other commits on these sessions need
     * not survive it. An engine whose commits always do has nothing to do here. The transaction that names a database must be
     * durable by the engine's own doing.
     *
     * @throws SQLException as the session does
     */
    default void makeDurable(Connection session) throws SQLException {}

    /** The SQL expression for the server's clock, with its time zone; like {@code clock_timestamp()}. */
    String clock();

    /** @param doing what was tried, to start a sentence with */
    ProvisioningException translate(String doing, SQLException e);

    /** Identifies the sessions of this worker process on this server. No other process ever has the same. */
    String owner();

    /**
     * Ends the session of a crashed worker which still creates a database, so that its lock is free at once. A session that
     * drops an existing database is never ended, nor one of a worker that is alive.
     *
     * @param databaseName the database that it creates
     * @param patience how long to wait for the server to notice that the worker has crashed, if the session's worker still
     *     seems to be alive
     * @return whether there was such a session and it has ended
     */
    boolean endOrphan(String databaseName, Duration patience);
}
