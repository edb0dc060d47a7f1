package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs the jobs that create a database: Add and Copy. */
final class CreationRunner {

    /** How often to observe again because another program, which takes no locks, has created the database meanwhile. */
    private static final int OBSERVATIONS = 3;

    private final Server server;
    private final InstanceProvisioner provisioner;
    private final RunJournal journal;
    private final ChangeSteps steps;

    CreationRunner(JobContext context) {
        this.server = context.server();
        this.provisioner = server.provisioner();
        this.journal = context.journal();
        this.steps = new ChangeSteps(context);
    }

    /** Creates the database, after its source was checked. */
    private interface Creation {
        void run(InstanceLock lock, Runnable atCommit);
    }

    OperationResult add(AddJob job, Target target) {
        Server.Template template = server.template(job.template());
        String templateDatabase = template == null ? null : template.database();
        return steps.locked(target, templateDatabase, lock -> {
            OwnershipMark mark =
                    steps.mark(job.jobId(), Operation.ADD, target, template == null ? null : template.name(), null);
            return create(lock, target, mark, job.template() != null, InstanceState.BUILDING, () -> {
                if (templateDatabase != null) {
                    checkSource(templateDatabase, ErrorCode.TEMPLATE_NOT_FOUND);
                }
                return (held, atCommit) -> provisioner.addInstance(
                        held, new AddInstance(target.databaseName(), templateDatabase, mark), atCommit);
            });
        });
    }

    OperationResult copy(CopyJob job, Target target) {
        String source = job.sourceDatabaseName();
        server.checkSourceName(source);
        if (provisioner
                .nameRules()
                .canonical(source)
                .equals(provisioner.nameRules().canonical(target.databaseName()))) {
            throw new ProvisioningException(
                    ErrorCode.INVALID_REQUEST, "source.databaseName: must be another database than the copy's.");
        }
        boolean disconnect = job.whenSourceBusy() == WhenSourceBusy.DISCONNECT;
        return steps.locked(target, source, lock -> {
            OwnershipMark mark = steps.mark(job.jobId(), Operation.COPY, target, null, source);
            return create(lock, target, mark, true, InstanceState.COPYING, () -> {
                InstanceStatus found = checkSource(source, ErrorCode.SOURCE_NOT_FOUND);
                if (!server.isTemplateDatabase(source)) {
                    checkSourceOwner(source, found.mark(), target);
                }
                return (held, atCommit) -> provisioner.copyInstance(
                        held, new CopyInstance(target.databaseName(), source, disconnect, mark), atCommit);
            });
        });
    }

    private void checkSourceOwner(String source, @Nullable OwnershipMark mark, Target target) {
        if (mark == null) {
            throw new ProvisioningException(
                    ErrorCode.NOT_MANAGED,
                    "The source \"" + source + "\" is neither an instance's database nor a template of this server.");
        }
        if (!server.rules().copyBetweenTenants()
                && !Objects.equals(mark.tenant(), target.instance().tenant())) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_CONFLICT,
                    "The source \"" + source + "\" belongs to another tenant than the copy. The setting"
                            + " allow-copy-between-tenants of the server does not allow that.");
        }
    }

    private InstanceStatus checkSource(String databaseName, ErrorCode whenAbsent) {
        InstanceStatus found = provisioner.instanceStatus(databaseName);
        if (!found.exists()) {
            throw new ProvisioningException(
                    whenAbsent, "There is no database \"" + databaseName + "\" to copy from on this server.");
        }
        ChangeSteps.known(found);
        if (found.state() == InstanceState.INVALID) {
            throw new ProvisioningException(
                    ErrorCode.SOURCE_INVALID,
                    "The database \"" + databaseName + "\" is invalid, because a drop of it was interrupted."
                            + " It cannot be copied, only dropped.");
        }
        return found;
    }

    /** @param prepared checks the source and returns how to create the database */
    private OperationResult create(
            InstanceLock lock,
            Target target,
            OwnershipMark mark,
            boolean originMatters,
            InstanceState meanwhile,
            Supplier<Creation> prepared) {
        for (int observation = 1; ; observation++) {
            InstanceStatus found =
                    ChangeSteps.known(observation == 1 ? steps.observeFirst(target) : steps.observe(target));
            Decision decision = Decision.toMake(target, found, mark, originMatters);
            if (decision == Decision.NOTHING) {
                // The job finds its own database: an earlier delivery has created it before a crash.
                boolean own = ChangeSteps.isOfSameJob(mark, found);
                return steps.end(lock, steps.completed(target, own ? steps.verified(target) : found, own));
            }
            Creation creation = prepared.get();
            journal.start(lock, null);
            steps.begin(meanwhile);
            if (decision == Decision.REPLACE) {
                steps.awaitBeginning();
                steps.requireSame(target, found);
                provisioner.deleteInstance(lock, target.databaseName());
            }
            if (tryCreate(lock, target, creation, observation == OBSERVATIONS)) {
                return steps.completed(target, steps.verifiedAfterCommit(() -> steps.verified(target)), true);
            }
        }
    }

    /** @return false if a database of that name was created meanwhile; the caller must observe again */
    private boolean tryCreate(InstanceLock lock, Target target, Creation creation, boolean lastTry) {
        try {
            steps.commit(lock, target, atCommit -> creation.run(lock, atCommit));
            return true;
        } catch (RuntimeException e) {
            if (lastTry
                    || !(e instanceof ProvisioningException conflict)
                    || conflict.code() != ErrorCode.INSTANCE_CONFLICT) {
                throw e;
            }
            return false;
        }
    }
}
