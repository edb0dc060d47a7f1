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
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.contracts.provision.TrashInstance;
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

/** Runs the jobs that create and drop databases, on one server: lock, observe, decide, act, verify. */
final class ChangeRunner {

    /** How often to observe again because another program, which takes no locks, has created the database meanwhile. */
    private static final int OBSERVATIONS = 3;

    private final Server server;
    private final InstanceProvisioner provisioner;
    private final RunJournal journal;
    private final ResultFactory results;
    private final JobObserver observer;
    private final Clock clock;
    private final ProgressReports progress;

    /** Of the attempt's first event. Whatever else is published of the attempt comes after it. */
    private Confirmation inProgress = () -> {};

    ChangeRunner(Server server, RunJournal journal, ResultFactory results, JobObserver observer, Clock clock) {
        this.server = server;
        this.provisioner = server.provisioner();
        this.journal = journal;
        this.results = results;
        this.observer = observer;
        this.clock = clock;
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

    /** Creates the database, after its source was checked. */
    private interface Creation {
        void run(InstanceLock lock, Runnable atCommit);
    }

    OperationResult add(AddJob job, Target target) {
        Server.Template template = server.template(job.template());
        String templateDatabase = template == null ? null : template.database();
        return locked(target, templateDatabase, lock -> {
            OwnershipMark mark =
                    mark(job.jobId(), Operation.ADD, target, template == null ? null : template.name(), null);
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
        return locked(target, source, lock -> {
            OwnershipMark mark = mark(job.jobId(), Operation.COPY, target, null, source);
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

    private InstanceStatus checkSource(String databaseName, ErrorCode whenAbsent) {
        InstanceStatus found = provisioner.instanceStatus(databaseName);
        if (!found.exists()) {
            throw new ProvisioningException(
                    whenAbsent, "There is no database \"" + databaseName + "\" to copy from on this server.");
        }
        known(found);
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
            InstanceStatus found = known(observation == 1 ? observeFirst(target) : observe(target));
            Decision decision = Decision.toMake(target, found, mark, originMatters);
            if (decision == Decision.NOTHING) {
                // The job finds its own database: an earlier delivery has created it before a crash.
                boolean own = isOfSameJob(mark, found);
                return end(lock, completed(target, own ? verified(target) : found, own));
            }
            Creation creation = prepared.get();
            journal.start(lock, null);
            begin(meanwhile);
            if (decision == Decision.REPLACE) {
                inProgress.await();
                provisioner.deleteInstance(lock, target.databaseName());
            }
            if (tryCreate(lock, target, creation, observation == OBSERVATIONS)) {
                return completed(target, verifiedAfterCommit(() -> verified(target)), true);
            }
        }
    }

    void begin(InstanceState meanwhile) {
        inProgress.await();
        JobResult.InProgress started = results.inProgress(StateReport.of(meanwhile));
        inProgress = observer.starts(started);
        progress.start(started);
    }

    /** @return false if a database of that name was created meanwhile; the caller must observe again */
    private boolean tryCreate(InstanceLock lock, Target target, Creation creation, boolean lastTry) {
        try {
            commit(lock, target, atCommit -> creation.run(lock, atCommit));
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

    OperationResult created(Target target) {
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

    OperationResult delete(DeleteJob job, Target target) {
        return locked(target, null, lock -> {
            InstanceStatus found = observeFirst(target);
            if (journal.before() != null && !journal.before().equals(found.identity())) {
                // An earlier delivery has dropped the database. If there is a database of this name now, it is another.
                return end(lock, droppedEarlier(found));
            }
            boolean unmanagedAllowed = job.allowUnmanaged() && server.rules().unmanagedDelete();
            // Its mark was read when an earlier delivery started to drop it, and somebody else has taken its only seat
            // since.
            // Into the trash it can be put only when that session has ended.
            Decision decision = journal.before() != null
                            && found.state() == InstanceState.UNKNOWN
                            && !server.rules().trash()
                    ? Decision.DROP
                    : Decision.toDelete(target, known(found), unmanagedAllowed);
            provisioner.removeLeftovers(lock, target.databaseName());
            if (decision == Decision.NOTHING) {
                return end(lock, OperationResult.found(StateReport.of(InstanceState.NOT_FOUND)));
            }
            journal.start(lock, found.identity());
            observer.starts(results.inProgress(StateReport.of(found.state()))).await();
            delete(lock, target, found, job.jobId());
            observer.at("verify");
            InstanceStatus after = provisioner.instanceStatus(target.databaseName());
            if (after.exists()) {
                journal.forgetEnd(true);
                throw new ProvisioningException(
                        ErrorCode.INTERNAL_ERROR,
                        "The database \"" + target.databaseName() + "\" was deleted, but is still there.");
            }
            return journal.recordedEnd() == null ? end(lock, deleted()) : deleted();
        });
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
            journal.endUnderLock(lock, success(deleted()));
        });
    }

    private void recordWhetherDropped(
            InstanceLock lock, Target target, InstanceStatus found, ProvisioningException failure) {
        try {
            if (Objects.equals(found.identity(), observe(target).identity())) {
                journal.notDropped(lock);
            }
        } catch (ProvisioningException e) {
            failure.addSuppressed(e);
        }
    }

    /** Nothing is changed yet, so an unreachable server does not use up an attempt. */
    InstanceStatus observeFirst(Target target) {
        try {
            return observe(target);
        } catch (ProvisioningException e) {
            throw NotStartedException.where(e);
        }
    }

    private InstanceStatus observe(Target target) {
        observer.at("observe");
        return provisioner.instanceStatus(target.databaseName());
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
