package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs the jobs that make and drop databases, on one server: lock, observe, decide, act, verify. */
final class ChangeRunner {

    /** How often a database may appear between the look and the act, by a hand that takes no locks, before it is an error. */
    private static final int LOOKS = 3;

    private final Server server;
    private final InstanceProvisioner provisioner;
    private final StepListener steps;
    private final Runnable locked;
    private final Consumer<StateReport> begins;
    private final Clock clock;

    /**
     * @param locked called once the job has its database for itself
     * @param begins called once it is certain that something is to be done, before it is done
     */
    ChangeRunner(Server server, StepListener steps, Runnable locked, Consumer<StateReport> begins, Clock clock) {
        this.server = server;
        this.provisioner = server.provisioner();
        this.steps = steps;
        this.locked = locked;
        this.begins = begins;
        this.clock = clock;
    }

    Done add(AddJob job, Target target) {
        Server.Template template = server.template(job.template());
        String templateDatabase = template == null ? null : template.database();
        return locked(target, templateDatabase, lock -> {
            OwnershipMark mark =
                    mark(job.jobId(), Operation.ADD, target, template == null ? null : template.name(), null);
            return make(lock, target, mark, job.template() != null, StateReport.of(InstanceState.BUILDING), () -> {
                if (templateDatabase != null) {
                    checkSource(templateDatabase, ErrorCode.TEMPLATE_NOT_FOUND);
                }
                return () ->
                        provisioner.addInstance(lock, new AddInstance(target.databaseName(), templateDatabase, mark));
            });
        });
    }

    Done copy(CopyJob job, Target target) {
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
        return locked(target, source, lock -> {
            OwnershipMark mark = mark(job.jobId(), Operation.COPY, target, null, source);
            return make(lock, target, mark, true, StateReport.of(InstanceState.COPYING), () -> {
                InstanceStatus found = checkSource(source, ErrorCode.SOURCE_NOT_FOUND);
                if (found.mark() == null && !server.isTemplateDatabase(source)) {
                    throw new ProvisioningException(
                            ErrorCode.NOT_MANAGED,
                            "The source \"" + source + "\" is neither an instance's database nor a template of this"
                                    + " server.");
                }
                return () -> provisioner.copyInstance(
                        lock, new CopyInstance(target.databaseName(), source, disconnect, mark));
            });
        });
    }

    /** Under the lock: by its time a Delete that comes again knows what was made since it first came. */
    private OwnershipMark mark(
            String jobId, Operation operation, Target target, @Nullable String template, @Nullable String source) {
        return new OwnershipMark(
                target.instanceId(),
                target.instance().tenant(),
                jobId,
                operation,
                template,
                source,
                clock.instant().truncatedTo(ChronoUnit.MILLIS));
    }

    private InstanceStatus checkSource(String databaseName, ErrorCode whenAbsent) {
        InstanceStatus found = provisioner.instanceStatus(databaseName);
        if (!found.exists()) {
            throw new ProvisioningException(
                    whenAbsent, "There is no database \"" + databaseName + "\" to copy from on this server.");
        }
        if (found.state() == InstanceState.INVALID) {
            throw new ProvisioningException(
                    ErrorCode.SOURCE_INVALID,
                    "The database \"" + databaseName + "\" is the rest of an interrupted drop and cannot be copied."
                            + " Only dropping it cures it.");
        }
        return found;
    }

    /**
     * @param prepared looks at what the database is made from, and answers how it is made
     */
    private Done make(
            InstanceLock lock,
            Target target,
            OwnershipMark mark,
            boolean originMatters,
            StateReport meanwhile,
            Supplier<Runnable> prepared) {
        for (int look = 1; ; look++) {
            InstanceStatus found = look == 1 ? observeFirst(target) : observe(target);
            Decision decision = Decision.toMake(target, found, mark, originMatters);
            if (decision == Decision.NOTHING) {
                return made(target, isOf(mark, found) ? verified(target) : found, mark);
            }
            Runnable making = prepared.get();
            begins.accept(meanwhile);
            if (decision == Decision.REPLACE) {
                provisioner.deleteInstance(lock, target.databaseName());
            }
            try {
                making.run();
            } catch (ProvisioningException e) {
                if (e.code() != ErrorCode.INSTANCE_CONFLICT || look == LOOKS) {
                    throw e;
                }
                continue;
            }
            return made(target, verified(target), mark);
        }
    }

    private InstanceStatus verified(Target target) {
        steps.at("verify");
        InstanceStatus status = provisioner.verifyInstance(target.databaseName());
        if (status.state() != InstanceState.ONLINE || !target.owns(status.mark())) {
            throw new ProvisioningException(
                    ErrorCode.INTERNAL_ERROR,
                    "The database \"" + target.databaseName() + "\" was made, but is " + status.state()
                            + " when looked at again.");
        }
        return status;
    }

    /** A job that finds its own work done tells it as done: it did that, before a crash. */
    private Done made(Target target, InstanceStatus status, OwnershipMark mark) {
        return new Done(
                isOf(mark, status),
                StateReport.of(status.state()),
                null,
                null,
                server.connectionString(target.databaseName()));
    }

    private static boolean isOf(OwnershipMark mark, InstanceStatus status) {
        return status.mark() != null && status.mark().jobId().equals(mark.jobId());
    }

    /**
     * @param firstReceivedAt when a worker first had the job
     * @param mayHaveBegun whether it may have dropped something already
     */
    Done delete(DeleteJob job, Target target, Instant firstReceivedAt, boolean mayHaveBegun) {
        return locked(target, null, lock -> {
            InstanceStatus found = observeFirst(target);
            boolean unmanagedAllowed = job.allowUnmanaged() && server.allowsUnmanagedDelete();
            Decision decision = Decision.toDelete(target, found, unmanagedAllowed, firstReceivedAt, mayHaveBegun);
            provisioner.removeLeftovers(lock, target.databaseName());
            if (decision == Decision.NOTHING) {
                return Done.found(StateReport.of(InstanceState.NOT_FOUND));
            }
            begins.accept(StateReport.of(found.state()));
            provisioner.deleteInstance(lock, target.databaseName());
            steps.at("verify");
            InstanceStatus after = provisioner.instanceStatus(target.databaseName());
            if (after.exists()) {
                throw new ProvisioningException(
                        ErrorCode.INTERNAL_ERROR,
                        "The database \"" + target.databaseName() + "\" was dropped, but is still there.");
            }
            return new Done(true, StateReport.of(InstanceState.NOT_FOUND), null, null, null);
        });
    }

    /** Nothing is begun yet, should the server be full or gone. */
    private InstanceStatus observeFirst(Target target) {
        try {
            return observe(target);
        } catch (ProvisioningException e) {
            throw NotBegunException.where(e);
        }
    }

    private InstanceStatus observe(Target target) {
        steps.at("observe");
        return provisioner.instanceStatus(target.databaseName());
    }

    /** What is there, seen while nobody else works on it. */
    InstanceStatus seenAlone(Target target) {
        return locked(target, null, lock -> observe(target));
    }

    private <T> T locked(Target target, @Nullable String shared, Function<InstanceLock, T> work) {
        LockRequest request =
                new LockRequest(Set.of(target.databaseName()), shared == null ? Set.of() : Set.of(shared));
        return server.gate().change(() -> {
            steps.at("lock");
            try (InstanceLock lock = lock(request)) {
                locked.run();
                return work.apply(lock);
            }
        });
    }

    private InstanceLock lock(LockRequest request) {
        try {
            return server.gate()
                    .reach(() -> provisioner.tryLock(request, steps))
                    .orElseThrow(() -> new MustWaitException("another job has the same database in hand"));
        } catch (ProvisioningException e) {
            throw NotBegunException.where(e);
        }
    }
}
