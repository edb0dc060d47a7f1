package io.instanceworker.job;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.AdoptJob;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.TrashedInstance;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs the jobs that make a database that is there the database of an instance: Adopt and Restore. */
final class ExistingDatabaseRunner {

    private final Server server;
    private final InstanceProvisioner provisioner;
    private final RunJournal journal;
    private final ChangeSteps steps;

    ExistingDatabaseRunner(JobContext context) {
        this.server = context.server();
        this.provisioner = server.provisioner();
        this.journal = context.journal();
        this.steps = new ChangeSteps(context);
    }

    OperationResult adopt(AdoptJob job, Target target) {
        return steps.locked(target, null, lock -> {
            InstanceStatus found = ChangeSteps.known(steps.observeFirst(target));
            OwnershipMark mark = steps.mark(job.jobId(), Operation.ADOPT, target, null, null);
            if (Decision.toAdopt(target, found, server.rules().adopt()) == Decision.NOTHING) {
                // An earlier delivery of the job has marked the database before a crash.
                boolean own = ChangeSteps.isOfSameJob(mark, found);
                return steps.end(lock, steps.completed(target, own ? steps.verified(target) : found, own));
            }
            journal.start(lock, null);
            steps.begin(found.state());
            steps.commit(
                    lock, target, atCommit -> provisioner.adoptInstance(lock, target.databaseName(), mark, atCommit));
            return steps.completed(target, steps.verifiedAfterCommit(() -> steps.verified(target)), true);
        });
    }

    OperationResult restore(Target target) {
        return steps.locked(target, null, lock -> {
            InstanceStatus found = ChangeSteps.known(steps.observeFirst(target));
            List<TrashedInstance> trashed = trashOf(target);
            if (isRestored(target, found, trashed)) {
                return steps.end(lock, steps.completed(target, verified(target), true));
            }
            TrashedInstance chosen = chosen(journal.before(), trashed).orElse(null);
            if (!Decision.toRestore(target, found, chosen != null)) {
                return steps.end(lock, steps.completed(target, found, false));
            }
            return restore(lock, target, chosen);
        });
    }

    private OperationResult restore(InstanceLock lock, Target target, TrashedInstance chosen) {
        journal.start(lock, chosen.databaseName());
        steps.begin(InstanceState.NOT_FOUND);
        try {
            steps.commit(lock, target, atCommit -> provisioner.restoreInstance(lock, chosen, atCommit));
        } catch (ProvisioningException e) {
            recordWhetherRestored(lock, target, chosen, e);
            throw e;
        }
        return steps.completed(target, steps.verifiedAfterCommit(() -> verified(target)), true);
    }

    private InstanceStatus verified(Target target) {
        return steps.verified(target, restored -> isRight(target, restored));
    }

    /** One that was unmanaged when it was deleted comes back without a mark. */
    private static boolean isRight(Target target, InstanceStatus restored) {
        return target.owns(restored.mark()) || (restored.mark() == null && !restored.markUnreadable());
    }

    private void recordWhetherRestored(
            InstanceLock lock, Target target, TrashedInstance chosen, ProvisioningException failure) {
        try {
            if (trashOf(target).stream().anyMatch(each -> each.databaseName().equals(chosen.databaseName()))) {
                journal.notDropped(lock);
            }
        } catch (ProvisioningException e) {
            failure.addSuppressed(e);
        }
    }

    /** Whether an earlier delivery of the job has restored the database, and could not write its end. */
    boolean isRestored(Target target, InstanceStatus found) {
        return isRestored(target, found, trashOf(target));
    }

    /** Where the end is written with the name, a run that is open has not restored it. */
    private boolean isRestored(Target target, InstanceStatus found, List<TrashedInstance> trashed) {
        String startedOn = journal.before();
        return startedOn != null
                && !journal.commitsEndWithName()
                && found.exists()
                && isRight(target, found)
                && trashed.stream().noneMatch(each -> each.databaseName().equals(startedOn));
    }

    /** That with which an earlier delivery of the job has started, else the one that was deleted last. */
    private static Optional<TrashedInstance> chosen(@Nullable String startedOn, List<TrashedInstance> trashed) {
        return trashed.stream()
                .filter(each -> each.databaseName().equals(startedOn))
                .findFirst()
                .or(() -> trashed.stream()
                        .max(Comparator.comparing(each -> each.mark().deletedAt())));
    }

    /** Without one that can only be dropped. */
    private List<TrashedInstance> trashOf(Target target) {
        String key = provisioner.nameRules().canonical(target.databaseName());
        return provisioner.trash().stream()
                .filter(each -> each.state() != InstanceState.INVALID)
                .filter(each ->
                        each.mark().isOf(target.instanceId(), target.instance().tenant())
                                && provisioner
                                        .nameRules()
                                        .canonical(each.mark().databaseName())
                                        .equals(key))
                .toList();
    }
}
