package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.provision.sqlserver.BackupFiles.BackupFile;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Amazon RDS: a database is copied by a backup task to S3 and then a restore task, which RDS does by itself and which may take
 * hours. Each call of a job looks for the newest task of its staging database and does the one next step.
 *
 * <p>A row in {@code backup_file}, written before the first task is submitted, says that an attempt has submitted tasks and that
 * its end is not reported yet. So a failed newest task is reported if there is a row; the row is then removed, and without a row
 * the next attempt submits anew. Each call sets the time in the row: a row with a recent time is one of a job that waits.
 */
final class RdsForm extends SelfCopyingForm {

    private final SqlServerCatalog catalog = new OneSessionCatalog();
    private final @Nullable String s3Prefix;

    RdsForm(@Nullable String s3Prefix) {
        this.s3Prefix = s3Prefix;
    }

    @Override
    public SqlServerCatalog catalog() {
        return catalog;
    }

    @Override
    public void check(SqlServerLock lock, @Nullable String source) throws SQLException {
        if (source != null && !BackupFiles.isOnS3(source)) {
            if (BackupFiles.isPath(source)) {
                throw unsupported("Amazon RDS cannot restore the file \"" + source
                        + "\". Upload it to S3 and set the template to its ARN, arn:aws:s3:::bucket/file.bak.");
            }
            if (s3Prefix == null) {
                throw unsupported(
                        "To copy a database, Amazon RDS needs a place for its backup. Set properties.s3-prefix"
                                + " of the server, to arn:aws:s3:::bucket/instance-worker/ for example.");
            }
        }
        if (isMultiAz(lock.session())) {
            throw unsupported("Amazon RDS renames no database while the DB instance uses Multi-AZ, so none can be made."
                    + " Turn Multi-AZ off.");
        }
    }

    private static boolean isMultiAz(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(TSql.RDS_MULTI_AZ)) {
            return row.next() && row.getInt("replicated") > 0;
        }
    }

    @Override
    public void copy(SqlServerLock lock, String staging, String databaseName, String source) throws SQLException {
        Connection session = lock.session();
        Optional<BackupFile> row = BackupFiles.of(session, staging);
        String object = row.map(BackupFile::path).orElseGet(() -> object(staging));
        Optional<RdsTask> newest = RdsTask.newest(session, staging, object);
        if (row.isPresent() && !source.equals(row.orElseThrow().source())) {
            // An earlier job of the same id copied something else.
            newest.filter(RdsTask::isRunning).ifPresent(task -> {
                throw new StillRunningException("a copy of another source: " + task);
            });
        } else if (newest.isPresent()
                && (row.isPresent() || newest.orElseThrow().isRunning())) {
            register(session, row, object, staging, source);
            if (isRestored(lock, staging, object, source, newest.orElseThrow())) {
                return;
            }
        }
        start(lock, staging, object, source);
    }

    /** @return false if a new attempt must be started: the tasks are those of an attempt whose database was dropped */
    private boolean isRestored(SqlServerLock lock, String staging, String object, String source, RdsTask task)
            throws SQLException {
        if (task.isRunning()) {
            throw new StillRunningException(task.toString(), task.percentOfCopy(!BackupFiles.isOnS3(source)));
        }
        if (!task.hasSucceeded()) {
            throw failed(task);
        }
        if (task.isBackup()) {
            throw restore(lock, staging, object, ProgressWatch.BACKED_UP);
        }
        if (catalog.mayConnect(lock.session(), staging)) {
            lock.execute(TSql.setReadWrite(staging));
            return true;
        }
        InstanceState state = catalog.status(lock.session(), staging).state();
        switch (state) {
            case NOT_FOUND, BUILDING, COPYING -> {
                return false;
            }
            case RESTORING, RECOVERING, UNKNOWN ->
                throw new StillRunningException("the restored database is being opened");
            case ONLINE ->
                throw new ProvisioningException(
                        ErrorCode.INSUFFICIENT_PRIVILEGE,
                        "The worker's login may not enter what it has restored. Make it a user of the source.");
            default ->
                throw new ProvisioningException(ErrorCode.SOURCE_INVALID, "The restored database is " + state + ".");
        }
    }

    private static ProvisioningException failed(RdsTask task) {
        return new ProvisioningException(
                task.isCancelled() ? ErrorCode.SOURCE_BUSY : ErrorCode.INTERNAL_ERROR,
                task + (task.info() == null ? "." : ". Amazon RDS says: " + task.info()));
    }

    /** Submits the first task, and throws {@link StillRunningException}. */
    private void start(SqlServerLock lock, String staging, String object, String source) throws SQLException {
        Connection session = lock.session();
        if (!BackupFiles.isOnS3(source)) {
            requireSource(session, source);
        }
        drop(lock, staging);
        ended(session, staging);
        BackupFiles.register(session, object, staging, source);
        if (BackupFiles.isOnS3(source)) {
            throw restore(lock, staging, source, 0);
        }
        lock.step("backup");
        SqlServerLock.execute(session, TSql.RDS_BACKUP, source, object);
        throw new StillRunningException("the backup was submitted to Amazon RDS");
    }

    /** @param percent how much of the copy is done before */
    private static StillRunningException restore(SqlServerLock lock, String staging, String object, int percent)
            throws SQLException {
        lock.step("create");
        SqlServerLock.execute(lock.session(), TSql.RDS_RESTORE, staging, object);
        return new StillRunningException("the restore was submitted to Amazon RDS", percent);
    }

    private static void register(
            Connection session, Optional<BackupFile> row, String object, String staging, String source)
            throws SQLException {
        if (row.isPresent()) {
            touch(session, object);
        } else {
            BackupFiles.register(session, object, staging, source);
        }
    }

    /** The same for every call of a job, so that its tasks are found even if the journal's database was lost. */
    private String object(String staging) {
        return (s3Prefix == null ? "" : s3Prefix) + staging + ".bak";
    }

    /** If a task still runs or has succeeded, the next attempt goes on from there. */
    @Override
    public void removeFailed(SqlServerLock lock, String staging, boolean triedAgain) throws SQLException {
        Connection session = lock.session();
        Optional<BackupFile> row = BackupFiles.of(session, staging);
        if (newest(session, row, staging)
                .filter(task -> task.isRunning() || (task.hasSucceeded() && triedAgain))
                .isEmpty()) {
            drop(lock, staging);
            ended(session, staging);
        }
    }

    private Optional<RdsTask> newest(Connection session, Optional<BackupFile> row, String staging) throws SQLException {
        return RdsTask.newest(session, staging, row.map(BackupFile::path).orElseGet(() -> object(staging)));
    }

    @Override
    public String rename(String database, String newName) {
        return TSql.rdsRename(database, newName);
    }

    @Override
    public void drop(SqlServerLock lock, String databaseName) throws SQLException {
        if (SqlServerCatalog.exists(lock.session(), databaseName)) {
            SqlServerLock.execute(lock.session(), TSql.RDS_DROP, databaseName);
        }
    }

    /**
     * A task runs, or has succeeded and its job has called a short time ago, so that it will go on. Without the second, two jobs
     * for one database could drop each other's work again and again.
     */
    @Override
    public Optional<String> reasonToKeep(SqlServerLock lock, String staging) throws SQLException {
        Connection session = lock.session();
        Optional<BackupFile> row = BackupFiles.of(session, staging);
        RdsTask task = newest(session, row, staging).orElse(null);
        if (task == null) {
            return Optional.empty();
        }
        boolean waits = row.filter(SelfCopyingForm::hasCalled).isPresent()
                && task.hasSucceeded()
                && (task.isBackup() || SqlServerCatalog.exists(session, staging));
        return task.isRunning() || waits ? Optional.of("another job's copy: " + task) : Optional.empty();
    }

    @Override
    boolean isRenamed(SqlServerLock lock, BackupFile row) throws SQLException {
        return super.isRenamed(lock, row)
                && RdsTask.newest(lock.session(), row.stagingName(), row.path())
                        .filter(task -> !task.isBackup() && task.hasSucceeded())
                        .isPresent();
    }
}
