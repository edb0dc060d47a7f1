package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.sqlserver.TemplateBackups.Kept;
import io.instanceworker.provision.sqlserver.TemplateBackups.Version;
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
    private final ProgressWatch watch;

    MachineForm(ServerFacts facts, SqlServerProperties properties, String journalDatabase, ProgressWatch watch) {
        this.facts = facts;
        this.properties = properties;
        this.journalDatabase = journalDatabase;
        this.watch = watch;
    }

    @Override
    public SqlServerCatalog catalog() {
        return catalog;
    }

    @Override
    public void check(SqlServerLock lock, @Nullable String source) {
        if (source != null && BackupFiles.isInCloud(source)) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The backup \"" + source
                            + "\" is in a cloud. Only Amazon RDS restores from Amazon S3, and only Azure SQL"
                            + " Managed Instance from Azure Blob Storage.");
        }
        if (source != null && BackupFiles.isPath(source) && properties.copiesSchemaOnly()) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The backup \"" + source
                            + "\" cannot be restored without its rows. Name a database as the template, or"
                            + " set properties.copy-method of the server to full.");
        }
    }

    @Override
    public boolean copiesByItself() {
        return false;
    }

    @Override
    public void copy(SqlServerLock lock, String staging, String databaseName, String source) throws SQLException {
        if (BackupFiles.isPath(source)) {
            restore(lock, staging, databaseName, source, 0);
        } else if (properties.copiesSchemaOnly()) {
            cloneSchema(lock, staging, source);
        } else {
            copyRows(lock, staging, databaseName, source);
        }
    }

    private static void cloneSchema(SqlServerLock lock, String staging, String source) throws SQLException {
        lock.step("create");
        lock.execute(TSql.cloneSchema(source, staging));
        lock.execute(TSql.setReadWrite(staging));
        lock.warn("No rows were copied from \"" + source
                + "\", only its schema: properties.copy-method of the server is schema-only.");
    }

    private void copyRows(SqlServerLock lock, String staging, String databaseName, String source) throws SQLException {
        Optional<Version> version = properties.reuseTemplateBackups() && SqlServerNames.isOfAdd(staging)
                ? TemplateBackups.version(lock.session(), source)
                : Optional.empty();
        if (version.isEmpty() || !restoreKept(lock, staging, databaseName, source, version.orElseThrow())) {
            // While another job makes the backup that is to be kept, this one makes one of its own.
            boolean keep = version.isPresent() && lock.tryTemplate(source, true);
            if (keep) {
                removeKept(lock, staging, source);
            }
            backUpAndRestore(lock, staging, databaseName, source, keep ? version : Optional.empty());
        }
    }

    /**
     * A kept backup that cannot be read is not a failure of the job, which then makes a new one.
     *
     * @return false if there is none that can be used
     */
    private boolean restoreKept(SqlServerLock lock, String staging, String databaseName, String source, Version version)
            throws SQLException {
        if (!lock.tryTemplate(source, false)) {
            return false;
        }
        Optional<Kept> kept = TemplateBackups.find(lock.session(), source)
                .filter(backup -> backup.version().equals(version));
        if (kept.isEmpty()) {
            lock.releaseTemplate(source);
            return false;
        }
        try {
            restore(lock, staging, databaseName, kept.orElseThrow().path(), 0);
            return true;
        } catch (SQLException e) {
            if (!SqlServerErrors.isOfBackupFile(e)) {
                throw e;
            }
            BackupFiles.warn("Restoring the kept backup of the template \"" + source + "\"", e);
            drop(lock, staging);
            lock.releaseTemplate(source);
            return false;
        }
    }

    private static void removeKept(SqlServerLock lock, String staging, String source) throws SQLException {
        Optional<Kept> stale = TemplateBackups.find(lock.session(), source);
        if (stale.isPresent()) {
            String path = stale.orElseThrow().path();
            TemplateBackups.discard(lock.session(), source, path, staging);
            removeOrWarn(lock, path);
        }
    }

    /** @param before the version of the template if its backup is to be kept */
    private void backUpAndRestore(
            SqlServerLock lock, String staging, String databaseName, String source, Optional<Version> before)
            throws SQLException {
        String backup = new FilePaths(facts, properties, before.isPresent() ? source : databaseName).backup();
        BackupFiles.register(lock.session(), backup, staging, source);
        boolean kept = false;
        try {
            lock.step("backup");
            watch.execute(lock, TSql.backup(source, backup), 0, ProgressWatch.BACKED_UP);
            if (before.isPresent() && before.equals(TemplateBackups.version(lock.session(), source))) {
                TemplateBackups.keep(lock.session(), source, new Kept(backup, before.orElseThrow()));
                kept = true;
            }
            restore(lock, staging, databaseName, backup, ProgressWatch.BACKED_UP);
        } finally {
            if (!kept) {
                removeOrWarn(lock, backup);
            }
        }
    }

    private static void removeOrWarn(SqlServerLock lock, String backup) {
        if (!BackupFiles.remove(lock.session(), backup)) {
            lock.warn("The backup file of the copy could not be removed yet. The sweep tries again.");
        }
    }

    /** @param done the percentage of the copy that is done before */
    private void restore(SqlServerLock lock, String staging, String databaseName, String backup, int done)
            throws SQLException {
        FilePaths paths = new FilePaths(facts, properties, databaseName);
        lock.step("create");
        String sql = TSql.restore(staging, backup, paths.moves(lock.session(), backup));
        watch.execute(lock, sql, done, ProgressWatch.RESTORED);
        lock.execute(TSql.setReadWrite(staging));
    }

    @Override
    public void ended(Connection session, String staging) {
        // The backup was removed after the restore, or is kept.
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
     * taken the seat in the moment before the drop. The database is opened again, and the job is tried again. One in the trash is
     * not opened to everybody: nothing would drop it then.
     */
    private void dropOnline(SqlServerLock lock, String databaseName) throws SQLException {
        try {
            lock.execute(TSql.dropOnline(databaseName, journalDatabase));
        } catch (SQLException e) {
            leaveAndOpen(lock, databaseName, e);
            throw e;
        }
    }

    private void leaveAndOpen(SqlServerLock lock, String databaseName, SQLException failure) {
        try {
            lock.execute(TSql.use(journalDatabase));
            if (SqlServerCatalog.exists(lock.session(), databaseName)) {
                lock.execute(
                        databaseName.startsWith(DatabaseNameRules.TRASH_PREFIX)
                                ? TSql.setRestrictedUser(databaseName)
                                : TSql.setMultiUser(databaseName));
            }
        } catch (SQLException lost) {
            failure.addSuppressed(lost);
        }
    }

    @Override
    public boolean hasTrash() {
        return true;
    }

    /** As for a drop, after a failure in the middle of the batch the database is opened to everybody again. */
    @Override
    public void trash(SqlServerLock lock, String databaseName, String trashName) throws SQLException {
        try {
            lock.execute(TSql.trash(databaseName, trashName, journalDatabase));
        } catch (SQLException e) {
            leaveAndOpen(lock, databaseName, e);
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
