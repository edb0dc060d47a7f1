package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.provision.sqlserver.BackupFiles.BackupFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Azure SQL Database: a session sees only the database that it logged in to. Databases are listed, made and dropped in
 * {@code master}, and the server copies by itself.
 *
 * <p>A copy without its row in {@code backup_file}, or with the row of another source, is dropped and started anew: it is not known
 * of what it is a copy.
 */
final class AzureForm extends SelfCopyingForm {

    /** The statement is said to return when the copy has begun, and also to return at its end. Cancelling it ends no copy. */
    private static final int LONGEST_SUBMISSION_SECONDS = 60;

    /** While a copy is made, its database is COPYING, and for a moment perhaps in one of the others. */
    private static final Set<InstanceState> UNDER_WAY =
            Set.of(InstanceState.COPYING, InstanceState.RESTORING, InstanceState.RECOVERING, InstanceState.UNKNOWN);

    private final SqlServerCatalog catalog;
    private final String size;

    AzureForm(SqlServerConnections connections, SqlServerProperties properties) {
        this.catalog = new AzureCatalog(connections);
        this.size = size(properties.serviceObjective(), properties.elasticPool());
    }

    private static String size(@Nullable String serviceObjective, @Nullable String elasticPool) {
        if (serviceObjective != null) {
            return TSql.serviceObjective(serviceObjective);
        }
        return elasticPool == null ? "" : TSql.inElasticPool(elasticPool);
    }

    @Override
    public SqlServerCatalog catalog() {
        return catalog;
    }

    @Override
    public boolean bindsSessions() {
        return true;
    }

    @Override
    public void check(SqlServerLock lock, @Nullable String source) {
        if (source != null && BackupFiles.isBackup(source)) {
            throw unsupported("Azure SQL Database cannot restore the backup \"" + source
                    + "\". Set the template to a database of this server.");
        }
    }

    /** {@link #check} refuses it. */
    @Override
    public boolean isThere(Connection session, String backup) {
        return true;
    }

    @Override
    public String create(String database) {
        return TSql.create(database) + size;
    }

    @Override
    public String createFor(String database, String login) {
        return "in master: CREATE DATABASE " + TSql.name(database) + "; in the new database: CREATE USER "
                + TSql.name(login) + " FOR LOGIN " + TSql.name(login) + "; ALTER ROLE db_owner ADD MEMBER "
                + TSql.name(login) + ";";
    }

    @Override
    public void copy(SqlServerLock lock, String staging, String databaseName, String source) throws SQLException {
        Optional<BackupFile> row = rowOf(lock, staging);
        if (row.filter(found -> source.equals(found.source())).isPresent()) {
            touch(lock.session(), row.orElseThrow().path());
        } else {
            start(lock, staging, source);
        }
        requireCopied(lock, staging);
    }

    /** The row of a copy: it has the staging name for a path. */
    private static Optional<BackupFile> rowOf(SqlServerLock lock, String staging) throws SQLException {
        return BackupFiles.of(lock.session(), staging).filter(row -> row.path().equals(staging));
    }

    private void start(SqlServerLock lock, String staging, String source) throws SQLException {
        requireSource(lock.server(), source);
        drop(lock, staging);
        ended(lock.session(), staging);
        BackupFiles.register(lock.session(), staging, staging, source);
        lock.step("create");
        lock.requireHeld();
        try (Statement statement = lock.server().createStatement()) {
            statement.setQueryTimeout(LONGEST_SUBMISSION_SECONDS);
            statement.execute(TSql.copyOf(staging, source) + size);
        } catch (SQLException e) {
            if (SqlServerErrors.number(e) == SqlServerErrors.SOURCE_IS_COPIED) {
                throw mustWait(lock, staging);
            }
            if (!isRunning(lock, staging)) {
                throw e;
            }
        }
    }

    /** Azure SQL Database copies a source for one job after the other. */
    private StillRunningException mustWait(SqlServerLock lock, String staging) throws SQLException {
        drop(lock, staging);
        ended(lock.session(), staging);
        return new StillRunningException("the server makes another copy of the source");
    }

    /** @throws StillRunningException if the copy is not complete yet */
    private void requireCopied(SqlServerLock lock, String staging) throws SQLException {
        AzureCopy copy = AzureCopy.of(lock.server(), staging);
        InstanceState state = SqlServerCatalog.state(lock.server(), staging).orElse(InstanceState.NOT_FOUND);
        if (state == InstanceState.ONLINE) {
            return;
        }
        if (copy.errorNumber() == SqlServerErrors.SOURCE_IS_COPIED) {
            throw mustWait(lock, staging);
        }
        if (copy.errorNumber() == 0 && UNDER_WAY.contains(state)) {
            throw copy.stillRunning();
        }
        throw new ProvisioningException(
                ErrorCode.INTERNAL_ERROR,
                state == InstanceState.NOT_FOUND
                        ? "The copy that was submitted is not there."
                        : copy + ", and its database is " + state
                                + (copy.error() == null ? "." : ". Azure SQL Database says: " + copy.error()));
    }

    private static boolean isRunning(SqlServerLock lock, String staging) throws SQLException {
        return AzureCopy.of(lock.server(), staging).errorNumber() == 0
                && SqlServerCatalog.state(lock.server(), staging)
                        .filter(UNDER_WAY::contains)
                        .isPresent();
    }

    private static boolean isOnline(SqlServerLock lock, String staging) throws SQLException {
        return SqlServerCatalog.state(lock.server(), staging)
                .filter(state -> state == InstanceState.ONLINE)
                .isPresent();
    }

    /** If the copy still runs or is complete, the next attempt goes on from there. */
    @Override
    public void removeFailed(SqlServerLock lock, String staging, boolean triedAgain) throws SQLException {
        boolean isUsed = rowOf(lock, staging).isPresent()
                && (isRunning(lock, staging) || (triedAgain && isOnline(lock, staging)));
        if (!isUsed) {
            drop(lock, staging);
            ended(lock.session(), staging);
        }
    }

    @Override
    public String rename(String database, String newName) {
        return TSql.rename(database, newName);
    }

    @Override
    public void drop(SqlServerLock lock, String databaseName) throws SQLException {
        if (SqlServerCatalog.exists(lock.server(), databaseName)) {
            lock.execute(TSql.drop(databaseName));
        }
    }

    /** A copy runs, or is complete and its job has called a short time ago, so that it will go on. */
    @Override
    public Optional<String> reasonToKeep(SqlServerLock lock, String staging) throws SQLException {
        BackupFile row = rowOf(lock, staging).orElse(null);
        boolean isKept = row != null && (isRunning(lock, staging) || (hasCalled(row) && isOnline(lock, staging)));
        return isKept ? Optional.of("another job's copy: " + AzureCopy.of(lock.server(), staging)) : Optional.empty();
    }
}
