package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.sqlserver.BackupFiles.BackupFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * A form in which the server copies by itself, while its job comes and goes. Each copy has a row in {@code backup_file} from before
 * it is submitted until its end is reported. Each call of the job sets the time in the row: a row with a recent time is one of a
 * job that waits.
 */
abstract class SelfCopyingForm implements HostingForm {

    /** Longer than the pause between two calls of a job that waits, also while a call fails before it can set the time. */
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    @Override
    public boolean copiesByItself() {
        return true;
    }

    /** The copy has succeeded, so a row that cannot be removed is left for the sweep. */
    @Override
    public void ended(Connection session, String staging) {
        try {
            BackupFiles.of(session, staging).ifPresent(row -> BackupFiles.removeRow(session, row.path()));
        } catch (SQLException e) {
            BackupFiles.warn("Removing the row of the copy in the table backup_file", e);
        }
    }

    /** Between two calls a job has no lock on its source, which it needs until its end. */
    @Override
    public Optional<String> reasonToKeepSource(SqlServerLock lock, String databaseName) throws SQLException {
        for (BackupFile row : BackupFiles.ofSource(lock.session(), databaseName)) {
            if ((hasCalled(row) && !isRenamed(lock, row))
                    || reasonToKeep(lock, row.stagingName()).isPresent()) {
                return Optional.of("another job copies it");
            }
        }
        return Optional.empty();
    }

    /** Whether a row is only left because its worker has crashed after the rename: the copy is done. */
    boolean isRenamed(SqlServerLock lock, BackupFile row) throws SQLException {
        return !SqlServerCatalog.exists(lock.server(), row.stagingName());
    }

    /** The row is all that SQL can remove. */
    @Override
    public boolean removeBackup(Connection session, String path) {
        return BackupFiles.removeRow(session, path);
    }

    /** Whether the job of a row has called a short time ago, so that it will go on. */
    static boolean hasCalled(BackupFile row) {
        return row.ageMillis() < LONGEST_PAUSE.toMillis();
    }

    static void touch(Connection session, String path) throws SQLException {
        SqlServerLock.execute(session, TSql.TOUCH_BACKUP_FILE, path);
    }

    static void requireSource(Connection server, String source) throws SQLException {
        if (!SqlServerCatalog.exists(server, source)) {
            // As BACKUP reports it.
            throw new SQLException("There is no database " + source, "S0001", SqlServerErrors.NO_SUCH_DATABASE);
        }
    }

    static ProvisioningException unsupported(String message) {
        return new ProvisioningException(ErrorCode.UNSUPPORTED_BY_SERVER, message);
    }
}
