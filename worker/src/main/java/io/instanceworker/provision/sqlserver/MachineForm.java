package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A server with a disk of its own: databases are copied by BACKUP and RESTORE, on the session that holds the lock. */
final class MachineForm implements HostingForm {

    private final SqlServerCatalog catalog = new OneSessionCatalog();
    private final ServerFacts facts;
    private final SqlServerProperties properties;
    private final String journalDatabase;

    MachineForm(ServerFacts facts, SqlServerProperties properties, String journalDatabase) {
        this.facts = facts;
        this.properties = properties;
        this.journalDatabase = journalDatabase;
    }

    @Override
    public SqlServerCatalog catalog() {
        return catalog;
    }

    @Override
    public void check(SqlServerLock lock, @Nullable String source) {
        if (source != null && BackupFiles.isOnS3(source)) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The backup \"" + source + "\" is on Amazon S3, from which only Amazon RDS can restore.");
        }
    }

    @Override
    public boolean copiesByItself() {
        return false;
    }

    @Override
    public void copy(SqlServerLock lock, String staging, String databaseName, String source) throws SQLException {
        FilePaths paths = new FilePaths(facts, properties, databaseName);
        if (BackupFiles.isPath(source)) {
            restore(lock, staging, source, paths);
            return;
        }
        String backup = paths.backup();
        BackupFiles.register(lock.session(), backup, staging, source);
        try {
            lock.step("backup");
            lock.execute(TSql.backup(source, backup));
            restore(lock, staging, backup, paths);
        } finally {
            if (!BackupFiles.remove(lock.session(), backup)) {
                lock.warn("The backup file of the copy could not be removed yet. The sweep tries again.");
            }
        }
    }

    private static void restore(SqlServerLock lock, String staging, String backup, FilePaths paths)
            throws SQLException {
        lock.step("create");
        lock.execute(TSql.restore(staging, backup, paths.moves(lock.session(), backup)));
        lock.execute(TSql.setReadWrite(staging));
    }

    @Override
    public void ended(Connection session, String staging) {
        // The backup was removed after the restore.
    }

    @Override
    public void removeFailed(SqlServerLock lock, String staging, boolean triedAgain) throws SQLException {
        drop(lock, staging);
    }

    @Override
    public String rename(String database, String newName) {
        return TSql.rename(database, newName);
    }

    @Override
    public void drop(SqlServerLock lock, String databaseName) throws SQLException {
        if (catalog.mayConnect(lock.session(), databaseName)) {
            dropOnline(lock, databaseName);
            return;
        }
        switch (catalog.status(lock.session(), databaseName).state()) {
            case NOT_FOUND, BUILDING, COPYING -> {
                // There is none.
            }
            case ONLINE, UNKNOWN -> lock.execute(TSql.dropWithoutEntering(databaseName));
            default -> lock.execute(TSql.drop(databaseName));
        }
    }

    /**
     * If the batch fails in its middle, the session may still be in the database, which has one seat. Somebody else may have
     * taken the seat in the moment before the drop. The database is opened to everybody again, and the job is tried again.
     */
    private void dropOnline(SqlServerLock lock, String databaseName) throws SQLException {
        try {
            lock.execute(TSql.dropOnline(databaseName, journalDatabase));
        } catch (SQLException e) {
            try {
                lock.execute(TSql.use(journalDatabase));
                if (SqlServerCatalog.exists(lock.session(), databaseName)) {
                    lock.execute(TSql.setMultiUser(databaseName));
                }
            } catch (SQLException lost) {
                e.addSuppressed(lost);
            }
            throw e;
        }
    }

    /** The session that works on it holds the lock, so it has ended. */
    @Override
    public Optional<String> reasonToKeep(SqlServerLock lock, String staging) {
        return Optional.empty();
    }

    /** A source is copied under a lock. */
    @Override
    public Optional<String> reasonToKeepSource(SqlServerLock lock, String databaseName) {
        return Optional.empty();
    }

    @Override
    public boolean removeBackup(Connection session, String path) {
        return BackupFiles.remove(session, path);
    }
}
