package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StillRunningException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Creates a database under a staging name, with its mark and settings, and then gives it its name. So it appears under its name
 * complete or not at all.
 */
final class DatabaseCreator {

    private final SqlServerLock lock;
    private final DatabaseRemover remover;
    private final HostingForm form;
    private final SqlServerProperties properties;
    private final Runnable atCommit;

    /** @param atCommit run in the journal's transaction that is committed right after the rename */
    DatabaseCreator(
            SqlServerLock lock,
            DatabaseRemover remover,
            HostingForm form,
            SqlServerProperties properties,
            Runnable atCommit) {
        this.lock = lock;
        this.remover = remover;
        this.form = form;
        this.properties = properties;
        this.atCommit = atCommit;
    }

    void add(AddInstance request) throws SQLException {
        create(request.databaseName(), request.templateDatabase(), request.mark(), InstanceState.BUILDING);
    }

    void copy(CopyInstance request) throws SQLException {
        create(request.databaseName(), request.sourceDatabase(), request.mark(), InstanceState.COPYING);
    }

    private void create(String databaseName, @Nullable String source, OwnershipMark mark, InstanceState making)
            throws SQLException {
        String staging = SqlServerNames.staging(databaseName, mark.jobId(), making);
        lock.step("clean");
        remover.removeLeftovers(form, lock, databaseName, source != null && form.copiesByItself() ? staging : null);
        try {
            if (source == null) {
                lock.step("create");
                lock.execute(form.create(staging));
            } else {
                form.copy(lock, staging, databaseName, source);
            }
            lock.step("mark");
            complete(staging, mark);
            lock.step("rename");
            lock.commit(atCommit, () -> lock.execute(form.rename(staging, databaseName)));
            form.ended(lock.session(), staging);
            lock.step("renamed");
        } catch (StillRunningException e) {
            throw e;
        } catch (SQLException | RuntimeException e) {
            removeAfter(e, staging);
            throw e;
        }
    }

    private void complete(String staging, OwnershipMark mark) throws SQLException {
        form.catalog().setMark(lock.server(), staging, mark.toJson());
        // Without its own mark a copy would get its name with that of its source.
        if (!mark.toJson().equals(form.catalog().mark(lock.server(), staging))) {
            throw new ProvisioningException(
                    ErrorCode.INTERNAL_ERROR, "The ownership mark of the new database is not as it was written.");
        }
        if (properties.recoveryModel() != null) {
            lock.execute(TSql.setRecovery(staging, properties.recoveryModel()));
        }
        if (properties.owner() != null) {
            lock.execute(TSql.setOwner(staging, properties.owner()));
        }
    }

    private static boolean isTriedAgain(Exception e) {
        if (e instanceof SQLException failed) {
            return SqlServerErrors.code(failed).retryable();
        }
        return !(e instanceof ProvisioningException failed) || failed.code().retryable();
    }

    /** A database that cannot be completed would use disk space until the sweep drops it. */
    private void removeAfter(Exception e, String staging) {
        try {
            form.removeFailed(lock, staging, isTriedAgain(e));
        } catch (SQLException lost) {
            e.addSuppressed(lost);
        }
    }
}
