package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.job.JobObserver.Confirmation;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The steps that the jobs that change a database have in common: lock, observe, begin, commit, verify, end. */
final class ChangeSteps {

    private final Server server;
    private final InstanceProvisioner provisioner;
    private final RunJournal journal;
    private final ResultFactory results;
    private final JobObserver observer;
    private final Clock clock;
    private final ProgressReports progress;

    /** Of the attempt's first event. Whatever else is published of the attempt comes after it. */
    private Confirmation inProgress = () -> {};

    ChangeSteps(JobContext context) {
        this.server = context.server();
        this.provisioner = server.provisioner();
        this.journal = context.journal();
        this.results = context.results();
        this.observer = context.observer();
        this.clock = context.clock();
        this.progress = new ProgressReports(observer, clock);
    }

    private final class Steps implements StepListener {
        @Override
        public void at(String step) {
            observer.at(step);
        }

        @Override
        public void warn(String warning) {
            results.warn(warning);
        }

        @Override
        public void progress(int percent) {
            progress.report(percent);
        }
    }

    OwnershipMark mark(
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

    void begin(InstanceState meanwhile) {
        inProgress.await();
        JobResult.InProgress started = results.inProgress(StateReport.of(meanwhile));
        inProgress = observer.starts(started);
        progress.start(started);
    }

    /** Waits until the broker has confirmed the attempt's first event. */
    void awaitBeginning() {
        inProgress.await();
    }

    /** Does work at whose commit the success of the job is written. */
    void commit(InstanceLock lock, Target target, Consumer<Runnable> work) {
        try {
            work.accept(() -> {
                inProgress.await();
                journal.endUnderLock(lock, success(created(target)));
            });
        } catch (RuntimeException e) {
            journal.forgetEnd(false);
            throw e;
        }
    }

    /** Writes the end before the lock is released. Later, a job that was received earlier could undo this job's work. */
    OperationResult end(InstanceLock lock, OperationResult result) {
        journal.endUnderLock(lock, success(result));
        return result;
    }

    private OperationResult created(Target target) {
        return OperationResult.of(
                true, StateReport.of(InstanceState.ONLINE), server.connectionString(target.databaseName()));
    }

    private InstanceStatusEvent success(OperationResult result) {
        return InstanceStatusEvent.of(results.succeeded(result), clock.instant());
    }

    /** Verifies a database whose success was written with the commit. If it is wrong, the success is removed again. */
    InstanceStatus verifiedAfterCommit(Supplier<InstanceStatus> verification) {
        try {
            return verification.get();
        } catch (RuntimeException e) {
            journal.forgetEnd(true);
            throw e;
        }
    }

    InstanceStatus verified(Target target) {
        return verified(target, status -> target.owns(status.mark()));
    }

    InstanceStatus verified(Target target, Predicate<InstanceStatus> isRight) {
        observer.at("verify");
        InstanceStatus status = provisioner.verifyInstance(target.databaseName());
        if (status.state() != InstanceState.ONLINE || !isRight.test(status)) {
            throw new ProvisioningException(
                    ErrorCode.INTERNAL_ERROR,
                    "The database \"" + target.databaseName() + "\" was made, adopted or restored, but is "
                            + status.state() + " when it is observed again.");
        }
        return status;
    }

    /** The result of a job whose work is done, with the state that was observed. */
    OperationResult completed(Target target, InstanceStatus status, boolean changed) {
        return OperationResult.of(
                changed,
                StateReport.of(status.state()),
                status.exists() ? server.connectionString(target.databaseName()) : null);
    }

    static boolean isOfSameJob(OwnershipMark mark, InstanceStatus status) {
        return status.mark() != null && status.mark().jobId().equals(mark.jobId());
    }

    /** Nothing is changed yet, so an unreachable server does not use up an attempt. */
    InstanceStatus observeFirst(Target target) {
        try {
            return observe(target);
        } catch (ProvisioningException e) {
            throw NotStartedException.where(e);
        }
    }

    InstanceStatus observe(Target target) {
        observer.at("observe");
        return provisioner.instanceStatus(target.databaseName());
    }

    /**
     * Observes the database once more, right before it is dropped. The lock keeps other jobs away, but not people: while this
     * job waited for the broker, somebody may have renamed the database and made another one of its name.
     *
     * @throws ProvisioningException if it is not the database that was found; the next attempt decides anew
     */
    void requireSame(Target target, InstanceStatus found) {
        InstanceStatus now = observe(target);
        if (!Objects.equals(now.identity(), found.identity()) || !Objects.equals(now.mark(), found.mark())) {
            throw new ProvisioningException(
                    ErrorCode.INTERNAL_ERROR,
                    "The database \"" + target.databaseName()
                            + "\" is not the one that was found when the attempt began."
                            + " It is left as it is; the job is tried again.");
        }
    }

    /** Returns the status, unless the server cannot say now whose database it is, but will: then the job is tried again. */
    static InstanceStatus known(InstanceStatus found) {
        if (found.markUnreadable()
                && (found.state() == InstanceState.RECOVERING
                        || found.state() == InstanceState.COPYING
                        || found.state() == InstanceState.UNKNOWN)) {
            throw new ProvisioningException(
                    ErrorCode.TIMEOUT,
                    "The server cannot say now whose database \"" + found.databaseName() + "\" is: its state is "
                            + found.state() + ". The job is tried again.");
        }
        return found;
    }

    /** The state of the database while no other worker can change it. */
    InstanceStatus observeUnderLock(Target target) {
        return locked(target, null, lock -> observe(target));
    }

    <T> T locked(Target target, @Nullable String shared, Function<InstanceLock, T> work) {
        LockRequest request =
                new LockRequest(Set.of(target.databaseName()), shared == null ? Set.of() : Set.of(shared));
        observer.at("lock");
        try (InstanceLock lock = lock(target, request)) {
            results.locked();
            return work.apply(lock);
        } catch (RuntimeException e) {
            // The lock is released: a slow broker does not keep other jobs of the database waiting.
            inProgress.await();
            if (e instanceof StillRunningException running && running.percent() != null) {
                progress.report(running.percent());
            }
            throw e;
        } finally {
            progress.end();
        }
    }

    private InstanceLock lock(Target target, LockRequest request) {
        try {
            return tryLock(request)
                    .or(() -> journal.endOrphan(target.databaseName()) ? tryLock(request) : Optional.empty())
                    .orElseThrow(() -> new JobDeferredException("another job works on the same database"));
        } catch (ProvisioningException e) {
            throw NotStartedException.where(e);
        }
    }

    private Optional<InstanceLock> tryLock(LockRequest request) {
        return server.guard().reach(() -> provisioner.tryLock(request, new Steps()));
    }
}
