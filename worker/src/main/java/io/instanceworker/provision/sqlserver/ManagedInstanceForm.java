package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.provision.sqlserver.BackupFiles.BackupFile;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Azure SQL Managed Instance: databases are copied by BACKUP to and RESTORE from a blob. The server goes on with a RESTORE when
 * the session of the worker has ended, so a later call of the job waits for it and uses what it has made.
 *
 * <p>A row in {@code backup_file}, written before the backup, says what the staging database is restored from.
 */
final class ManagedInstanceForm extends SelfCopyingForm {

    /** A database that is restoring for longer was left so by a RESTORE that failed. */
    private static final Duration LONGEST_RESTORE = Duration.ofDays(1);

    /** How often the sessions on a database are ended before it is left for the next attempt. */
    private static final int MOST_ROUNDS = 5;

    /** What the newest operation on a database is, if it says anything. */
    private enum Operation {
        NONE,
        RUNNING,
        FAILED;

        // https://learn.microsoft.com/en-us/sql/relational-databases/system-dynamic-management-views/sys-dm-operation-status-azure-sql-database
        static Operation of(int state) {
            return switch (state) {
                case 0, 1 -> RUNNING;
                case 3, 4 -> FAILED;
                default -> NONE;
            };
        }
    }

    private final SqlServerCatalog catalog = new OneSessionCatalog();
    private final @Nullable String urlPrefix;
    private final ProgressWatch watch;

    ManagedInstanceForm(@Nullable String urlPrefix, ProgressWatch watch) {
        this.urlPrefix = urlPrefix;
        this.watch = watch;
    }

    @Override
    public SqlServerCatalog catalog() {
        return catalog;
    }

    @Override
    public void check(SqlServerLock lock, @Nullable String source) {
        if (source == null || BackupFiles.isOnAzure(source)) {
            return;
        }
        if (BackupFiles.isPath(source)) {
            throw unsupported("Azure SQL Managed Instance cannot restore \"" + source
                    + "\". Upload it to Azure Blob Storage and set the template to its URL,"
                    + " https://account.blob.core.windows.net/container/file.bak.");
        }
        if (urlPrefix == null) {
            throw unsupported("To copy a database, Azure SQL Managed Instance needs a place for its backup. Set"
                    + " properties.backup-url-prefix of the server, to"
                    + " https://account.blob.core.windows.net/container/instance-worker/ for example.");
        }
    }

    @Override
    public void copy(SqlServerLock lock, String staging, String databaseName, String source) throws SQLException {
        Connection session = lock.session();
        Optional<BackupFile> row = BackupFiles.of(session, staging);
        if (row.isPresent()) {
            touch(session, row.orElseThrow().path());
        }
        restoring(session, staging).ifPresent(restore -> {
            throw new StillRunningException(restore);
        });
        boolean isOfThisSource =
                row.filter(found -> source.equals(found.source())).isPresent();
        if (isOfThisSource && catalog.mayConnect(session, staging)) {
            return;
        }
        drop(lock, staging);
        ended(session, staging);
        String backup = (urlPrefix == null ? "" : urlPrefix) + staging + "_"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()) + ".bak";
        BackupFiles.register(session, backup, staging, source);
        if (BackupFiles.isOnAzure(source)) {
            restore(lock, staging, source, 0);
        } else {
            lock.step("backup");
            watch.execute(lock, TSql.backupToUrl(source, backup), 0, ProgressWatch.BACKED_UP);
            restore(lock, staging, backup, ProgressWatch.BACKED_UP);
        }
    }

    /** A RESTORE of an earlier call may not be seen before it has ended. The server then refuses another one of this name. */
    private void restore(SqlServerLock lock, String staging, String url, int done) throws SQLException {
        lock.step("create");
        try {
            watch.execute(lock, TSql.restoreFromUrl(staging, url), done, ProgressWatch.RESTORED);
        } catch (SQLException e) {
            if (SqlServerErrors.code(e) == ErrorCode.INSTANCE_CONFLICT) {
                throw new StillRunningException("the server already restores the copy");
            }
            throw e;
        }
    }

    /** Whether the server restores this database. Not every server shows it in its list from the start. */
    private static Optional<String> restoring(Connection session, String staging) throws SQLException {
        Operation newest = newestOperation(session, staging);
        if (newest == Operation.RUNNING) {
            return Optional.of("the server works on the copy");
        }
        Long age = SqlServerCatalog.staging(session, SqlServerNames.pattern(staging))
                .get(staging);
        InstanceState state = SqlServerCatalog.state(session, staging).orElse(InstanceState.NOT_FOUND);
        boolean isRestoring = age != null
                && age < LONGEST_RESTORE.toMillis()
                && (state == InstanceState.RESTORING || state == InstanceState.RECOVERING);
        return isRestoring && newest != Operation.FAILED
                ? Optional.of("the server restores the copy")
                : Optional.empty();
    }

    /** NONE also for a login that may not see it. */
    private static Operation newestOperation(Connection session, String database) {
        try (PreparedStatement statement = session.prepareStatement(TSql.NEWEST_OPERATION)) {
            statement.setString(1, database);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Operation.of(row.getInt("state")) : Operation.NONE;
            }
        } catch (SQLException e) {
            BackupFiles.warn("Looking for a restore that is still running", e);
            return Operation.NONE;
        }
    }

    @Override
    public void removeFailed(SqlServerLock lock, String staging, boolean triedAgain) throws SQLException {
        Connection session = lock.session();
        // An empty database has no row.
        boolean goesOn =
                triedAgain && BackupFiles.of(session, staging).isPresent() && catalog.mayConnect(session, staging);
        if (!goesOn && restoring(session, staging).isEmpty()) {
            drop(lock, staging);
            ended(session, staging);
        }
    }

    @Override
    public String rename(String database, String newName) {
        return TSql.rename(database, newName);
    }

    /** No database can be made single-user there. A client that is faster than the DROP can enter again. */
    @Override
    public void drop(SqlServerLock lock, String databaseName) throws SQLException {
        for (int round = 1; SqlServerCatalog.exists(lock.session(), databaseName); round++) {
            try {
                lock.execute(TSql.dropEndingSessions(databaseName, sessionsIn(lock.session(), databaseName)));
                return;
            } catch (SQLException e) {
                if (SqlServerErrors.number(e) != SqlServerErrors.DATABASE_IN_USE || round == MOST_ROUNDS) {
                    throw e;
                }
            }
        }
    }

    private static List<Integer> sessionsIn(Connection session, String databaseName) throws SQLException {
        List<Integer> ids = new ArrayList<>();
        try (PreparedStatement statement = session.prepareStatement(TSql.SESSIONS_IN)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getInt("session_id"));
                }
            }
        }
        return ids;
    }

    /** It is restored, or was restored and its job has called a short time ago, so that it will go on. */
    @Override
    public Optional<String> reasonToKeep(SqlServerLock lock, String staging) throws SQLException {
        String reason = restoring(lock.session(), staging).orElse(null);
        if (reason == null
                && BackupFiles.of(lock.session(), staging)
                        .filter(row -> row.source() != null && hasCalled(row))
                        .isPresent()
                && catalog.mayConnect(lock.session(), staging)) {
            reason = "it was restored";
        }
        return reason == null ? Optional.empty() : Optional.of("another job's copy: " + reason);
    }

    /** A source is backed up under a lock, and is not needed after that. */
    @Override
    public Optional<String> reasonToKeepSource(SqlServerLock lock, String databaseName) {
        return Optional.empty();
    }
}
