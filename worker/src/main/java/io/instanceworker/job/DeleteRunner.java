package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.time.Clock;
import java.util.Objects;

/** Runs a Delete: drops the database, or puts it into the trash. */
final class DeleteRunner {

    private final Server server;
    private final InstanceProvisioner provisioner;
    private final RunJournal journal;
    private final ResultFactory results;
    private final JobObserver observer;
    private final Clock clock;
    private final ChangeSteps steps;

    DeleteRunner(JobContext context) {
        this.server = context.server();
        this.provisioner = server.provisioner();
        this.journal = context.journal();
        this.results = context.results();
        this.observer = context.observer();
        this.clock = context.clock();
        this.steps = new ChangeSteps(context);
    }

    OperationResult delete(DeleteJob job, Target target) {
        return steps.locked(target, null, lock -> {
            InstanceStatus found = steps.observeFirst(target);
            if (journal.before() != null && !journal.before().equals(found.identity())) {
                // An earlier delivery has dropped the database. If there is a database of this name now, it is another.
                return steps.end(lock, droppedEarlier(found));
            }
            boolean unmanagedAllowed = job.allowUnmanaged() && server.rules().unmanagedDelete();
            // Its mark was read when an earlier delivery started to drop it. Since then somebody has taken the only
            // session that the database admits. It can be put into the trash only when that session has ended.
            Decision decision = journal.before() != null
                            && found.state() == InstanceState.UNKNOWN
                            && !server.rules().trash()
                    ? Decision.DROP
                    : Decision.toDelete(target, ChangeSteps.known(found), unmanagedAllowed);
            provisioner.removeLeftovers(lock, target.databaseName());
            if (decision == Decision.NOTHING) {
                return steps.end(lock, OperationResult.found(StateReport.of(InstanceState.NOT_FOUND)));
            }
            journal.start(lock, found.identity());
            observer.starts(results.inProgress(StateReport.of(found.state()))).await();
            requireSame(lock, target, found);
            delete(lock, target, found, job.jobId());
            observer.at("verify");
            InstanceStatus after = provisioner.instanceStatus(target.databaseName());
            if (after.exists()) {
                journal.forgetEnd(true);
                throw new ProvisioningException(
                        ErrorCode.INTERNAL_ERROR,
                        "The database \"" + target.databaseName() + "\" was deleted, but is still there.");
            }
            return journal.recordedEnd() == null ? steps.end(lock, deleted()) : deleted();
        });
    }

    private void requireSame(InstanceLock lock, Target target, InstanceStatus found) {
        try {
            steps.requireSame(target, found);
        } catch (ProvisioningException e) {
            // What has the name later must not count as what this job has dropped.
            journal.notDropped(lock);
            throw e;
        }
    }

    private static OperationResult deleted() {
        return OperationResult.of(true, StateReport.of(InstanceState.NOT_FOUND), null);
    }

    /** @param found the database that has the name now, or none */
    OperationResult droppedEarlier(InstanceStatus found) {
        results.startedAt(Objects.requireNonNull(journal.dropStartedAt()));
        if (server.rules().trash()) {
            results.warn("The database may be in the trash, which a Status with \"trash\": true lists.");
        }
        return OperationResult.of(true, StateReport.of(found.state()), null);
    }

    /** An invalid database cannot be used any more, so it is dropped also where there is a trash. */
    private void delete(InstanceLock lock, Target target, InstanceStatus found, String jobId) {
        try {
            if (server.rules().trash() && found.state() != InstanceState.INVALID) {
                putIntoTrash(lock, target, jobId);
            } else {
                provisioner.deleteInstance(lock, target.databaseName());
            }
        } catch (RuntimeException e) {
            journal.forgetEnd(false);
            if (e instanceof ProvisioningException failure) {
                recordWhetherDropped(lock, target, found, failure);
            }
            throw e;
        }
    }

    private void putIntoTrash(InstanceLock lock, Target target, String jobId) {
        String trashName = provisioner.nameRules().trashName(target.databaseName(), clock.instant());
        TrashInstance request = new TrashInstance(
                target.databaseName(),
                trashName,
                target.instanceId(),
                target.instance().tenant(),
                jobId);
        provisioner.trashInstance(lock, request, () -> {
            results.warn("The database was not dropped: it is in the trash as \"" + trashName
                    + "\". A Restore brings it back.");
            steps.end(lock, deleted());
        });
    }

    private void recordWhetherDropped(
            InstanceLock lock, Target target, InstanceStatus found, ProvisioningException failure) {
        try {
            if (Objects.equals(found.identity(), steps.observe(target).identity())) {
                journal.notDropped(lock);
            }
        } catch (ProvisioningException e) {
            failure.addSuppressed(e);
        }
    }
}
