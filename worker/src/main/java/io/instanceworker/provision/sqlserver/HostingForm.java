package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What depends on where the server is hosted: how its databases are copied, renamed and dropped. */
interface HostingForm {

    /**
     * Refuses what the server cannot do. Called before anything is changed.
     *
     * @param source the database or the backup to copy from; null for an empty database
     */
    void check(Connection session, @Nullable String source) throws SQLException;

    /** Whether the server copies without a session of the worker, and a later call of the job goes on with its work. */
    boolean copiesByItself();

    /**
     * Makes the staging database from the source.
     *
     * @throws io.instanceworker.contracts.provision.StillRunningException if the server goes on by itself
     */
    void copy(SqlServerLock lock, String staging, String databaseName, String source) throws SQLException;

    /** Called when the staging database has its name. */
    void ended(Connection session, String staging);

    /**
     * Removes what a failed attempt has made, unless the next attempt can use it.
     *
     * @param triedAgain whether another attempt follows
     */
    void removeFailed(SqlServerLock lock, String staging, boolean triedAgain) throws SQLException;

    String rename(String database, String newName);

    /** Ends the sessions on the database and drops it. Nothing is done where there is none. */
    void drop(SqlServerLock lock, String databaseName) throws SQLException;

    /** Why the staging database of another job must not be removed yet; empty if it may be. */
    Optional<String> reasonToKeep(Connection session, String staging) throws SQLException;

    /** Why a database must not be dropped yet that another job copies; empty if it may be. */
    Optional<String> reasonToKeepSource(Connection session, String databaseName) throws SQLException;

    /**
     * Removes a backup, as far as the server can, and its row.
     *
     * @return false if it is still there
     */
    boolean removeBackup(Connection session, String path);
}
