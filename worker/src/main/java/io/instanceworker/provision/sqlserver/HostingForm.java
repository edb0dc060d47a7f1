package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What depends on where the server is hosted: how its databases are listed, made, copied, renamed and dropped. */
interface HostingForm {

    SqlServerCatalog catalog();

    /** Whether a session sees only the database that it logged in to, so that databases are made and dropped in {@code master}. */
    default boolean bindsSessions() {
        return false;
    }

    /**
     * Refuses what the server cannot do. Called before anything is changed.
     *
     * @param source the database or the backup to copy from; null for an empty database
     */
    void check(SqlServerLock lock, @Nullable String source) throws SQLException;

    /** Whether a template's backup is there, as far as SQL can say. */
    default boolean isThere(Connection session, String backup) throws SQLException {
        return BackupFiles.isInCloud(backup) || BackupFiles.exists(session, backup);
    }

    /** Whether the server copies without a session of the worker, and a later call of the job goes on with its work. */
    boolean copiesByItself();

    /** The statement that makes an empty database. */
    default String create(String database) {
        return TSql.create(database);
    }

    /** What an administrator has to run who makes a database for this login. */
    default String createFor(String database, String login) {
        return "IF DB_ID(" + TSql.text(database) + ") IS NULL CREATE DATABASE " + TSql.name(database)
                + "; ALTER AUTHORIZATION ON DATABASE::" + TSql.name(database) + " TO " + TSql.name(login) + ";";
    }

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

    /** Whether a deleted database can be kept in the trash. */
    default boolean hasTrash() {
        return false;
    }

    /** Ends the sessions on the database, gives it its trash name, and admits no clients. Only where there is a trash. */
    default void trash(SqlServerLock lock, String databaseName, String trashName) throws SQLException {
        throw new UnsupportedOperationException();
    }

    /** Why the staging database of another job must not be removed yet; empty if it may be. */
    Optional<String> reasonToKeep(SqlServerLock lock, String staging) throws SQLException;

    /** Why a database must not be dropped yet that another job copies; empty if it may be. */
    Optional<String> reasonToKeepSource(SqlServerLock lock, String databaseName) throws SQLException;

    /**
     * Removes a backup, as far as the server can, and its row.
     *
     * @return false if it is still there
     */
    boolean removeBackup(Connection session, String path);
}
