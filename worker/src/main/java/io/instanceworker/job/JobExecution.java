package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.InfoJob;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.StatusJob;
import io.instanceworker.contracts.job.StatusPageJob;
import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.journal.JobRun;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.journal.Journal;
import io.instanceworker.journal.Received;
import io.instanceworker.journal.ReceivedMessage;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import io.instanceworker.retry.Delay;
import io.instanceworker.retry.RetryDecision;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One job on one server, from its receipt to what is to be done with its message. */
final class JobExecution {

    private static final Logger log = LoggerFactory.getLogger(JobExecution.class);

    /** How long a job holds its place while the server is unreachable, so that the backlog stays in its queue and in order. */
    private static final Duration HOLD_WHILE_UNREACHABLE = Duration.ofSeconds(5);

    /** Below the queues' delivery limit of 50, at which the broker dead-letters a message without a result. */
    private static final int MOST_RETURNS = 45;

    /** The server does not answer, or the job was refused by the worker's settings. */
    private static final Set<ErrorCode> NOT_ASKED_AFTER = EnumSet.of(
            ErrorCode.SERVER_UNAVAILABLE,
            ErrorCode.AUTHENTICATION_FAILED,
            ErrorCode.TOO_MANY_CONNECTIONS,
            ErrorCode.INVALID_NAME,
            ErrorCode.NAME_TOO_LONG,
            ErrorCode.UNKNOWN_TEMPLATE,
            ErrorCode.PROTECTED_DATABASE);

    private final Job job;
    private final JobDelivery delivery;
    private final Server server;
    private final JobObserver observer;
    private final JobHandler.Policy policy;
    private final CrashIsolation isolation;
    private final Clock clock;
    private final ResultFactory results;
    private final @Nullable Journal serverJournal;
    private final Instant begin;

    private JobAttempt attempt;
    private RunJournal journal;

    /** The message's own, or that of a row that may have been inserted. */
    private @Nullable String runId;

    JobExecution(
            Job job,
            JobDelivery delivery,
            Server server,
            JobObserver observer,
            JobHandler.Policy policy,
            CrashIsolation isolation,
            Clock clock) {
        this.job = job;
        this.delivery = delivery;
        this.server = server;
        this.observer = observer;
        this.policy = policy;
        this.isolation = isolation;
        this.clock = clock;
        this.begin = clock.instant();
        this.runId = delivery.carried().runId();
        this.serverJournal =
                job.operation().changesDatabases() ? server.journal().orElse(null) : null;
        this.attempt = JobAttempt.carried(delivery, policy.retry().maxAttempts(), begin);
        this.journal = new RunJournal(null, null, observer);
        this.results = new ResultFactory(job, attempt, policy.worker(), clock);
        results.isAbout(server.name());
    }

    /**
     * @throws DeliveryLostException if the message is to go back to its queue
     * @throws ClaimLostException if another delivery has the job
     */
    Disposition run() {
        Target target = null;
        ProvisioningException refusal = null;
        try {
            target = job instanceof InstanceJob about ? server.target(about) : null;
        } catch (ProvisioningException e) {
            refusal = e;
        }
        if (target != null) {
            results.isAbout(target.instance());
        }
        JobFields.add(server, target);
        observer.isAbout(server.name(), target == null ? null : target.instance());
        try {
            return run(target, refusal);
        } catch (JobDeferredException e) {
            return deferred(target, String.valueOf(e.getMessage()));
        } catch (ProvisioningException e) {
            return afterFailure(target, e);
        } catch (DeliveryLostException e) {
            giveBackQuietly();
            throw e;
        }
    }

    private Disposition run(@Nullable Target target, @Nullable ProvisioningException refusal) {
        if (!server.guard().awaitReachable(HOLD_WHILE_UNREACHABLE)) {
            if (refusal != null && isNeverReceived()) {
                throw refusal;
            }
            throw new JobDeferredException("the server " + server.name() + " cannot be reached");
        }
        Optional<Disposition> endedBefore = receive(target);
        if (endedBefore.isPresent()) {
            return endedBefore.get();
        }
        if (refusal != null) {
            throw refusal;
        }
        if (attempt.crashes() >= policy.maxCrashes()) {
            return end(target, JobErrors.crashes(attempt.crashes()), true);
        }
        if (delivery.deliveryCount() >= MOST_RETURNS) {
            return end(target, JobErrors.crashes(delivery.deliveryCount()), true);
        }
        if (attempt.isUsedUp()) {
            return end(target, JobErrors.noAttemptLeft(lastError()), true);
        }
        Instant deadline = deadline();
        if (!mayHaveStarted() && deadline.isAfter(attempt.receivedAt().plus(policy.maxDeadline()))) {
            return end(target, results.rejected(JobErrors.tooFar(deadline, policy.maxDeadline())), true);
        }
        if (!deadline.isAfter(clock.instant())) {
            return end(target, JobErrors.tooLate(deadline(), "before it could be done"), false);
        }
        return isolation.run(attempt.crashes(), whileWaiting(), () -> ended(succeed(target), false));
    }

    /** Else the crash of a worker would be counted for a job that only waited there. */
    private CrashIsolation.Waiting whileWaiting() {
        return new CrashIsolation.Waiting() {
            @Override
            public void starts() {
                claim(journal::releaseClaim);
            }

            @Override
            public void ends() {
                claim(journal::takeClaimBack);
            }
        };
    }

    private static void claim(Runnable change) {
        try {
            change.run();
        } catch (ProvisioningException e) {
            throw NotStartedException.where(e);
        }
    }

    /** Whether certainly no worker has written a row for the job. */
    private boolean isNeverReceived() {
        return serverJournal == null || (!delivery.redelivered() && runId == null);
    }

    /** Writes down that the job was received; answers its end if it has ended before. */
    private Optional<Disposition> receive(@Nullable Target target) {
        if (serverJournal != null) {
            observer.at("journal receive");
            // A first delivery writes a row of its own, and would do again what another worker has done meanwhile.
            observer.requireDelivery();
            Received received = receive(serverJournal, target);
            observer.at("journal received");
            if (received instanceof Received.Ended before) {
                log.info("The job has ended before; its result is published again");
                InstanceStatusEvent event =
                        new EventReader().read(before.end().event().getBytes(StandardCharsets.UTF_8));
                return Optional.of(new Disposition.Ended(event, before.end().deadLettered(), runId, null));
            }
            JobRun run = ((Received.Open) received).run();
            runId = run.runId();
            attempt = JobAttempt.of(run, clock.instant());
            journal = new RunJournal(serverJournal, attempt.run(), observer);
        }
        results.isAttempt(attempt);
        JobFields.add(attempt);
        observer.isAttempt(attempt.number());
        return Optional.empty();
    }

    private Received receive(Journal to, @Nullable Target target) {
        try {
            return server.guard().observed(() -> to.receive(message(target), inserted -> runId = inserted));
        } catch (ProvisioningException e) {
            throw NotStartedException.where(e);
        }
    }

    private ReceivedMessage message(@Nullable Target target) {
        InstanceRef instance = target != null
                ? target.instance()
                : job instanceof InstanceJob about ? about.instance() : InstanceRef.NONE;
        String database = target == null ? null : target.databaseName();
        return new ReceivedMessage(
                delivery.bodySha256(),
                delivery.carried().runId(),
                delivery.redelivered(),
                delivery.fromWaitQueue(),
                delivery.carried().waited(),
                attempt.progress(),
                new ReceivedMessage.Facts(
                        job.jobId(),
                        job.operation().jsonName(),
                        instance.id(),
                        instance.tenant(),
                        database,
                        database == null
                                ? null
                                : server.provisioner().nameRules().canonical(database),
                        job instanceof CopyJob copy ? copy.sourceDatabaseName() : null,
                        job instanceof AddJob add ? add.template() : null,
                        job.header().requestedBy(),
                        policy.worker()));
    }

    private Instant deadline() {
        Instant own = job.header().deadline();
        return own == null ? attempt.receivedAt().plus(policy.defaultDeadline()) : own;
    }

    private ErrorCode lastError() {
        String code = attempt.run() == null ? null : attempt.run().lastError();
        return code == null ? ErrorCode.SERVER_UNAVAILABLE : ErrorCode.valueOf(code);
    }

    private InstanceStatusEvent succeed(@Nullable Target target) {
        OperationResult result;
        try {
            result = operate(target);
        } catch (ProvisioningException | JobDeferredException | DeliveryLostException | ClaimLostException e) {
            throw e;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            // A plugin that does not fit to this version shows itself as a LinkageError, and must not end the worker.
            log.error(
                    "The job failed in a way that nobody foresaw, which is a defect of the worker or of an engine", e);
            throw new ProvisioningException(
                    ErrorCode.INTERNAL_ERROR,
                    "The worker failed in a way that was not foreseen; its log has more. The job is tried again.");
        }
        InstanceStatusEvent written = journal.ended();
        return written == null ? event(results.succeeded(result)) : written;
    }

    private OperationResult operate(@Nullable Target target) {
        if (job instanceof StatusPageJob page) {
            return new QueryRunner(server).page(page);
        }
        Target one = Objects.requireNonNull(target);
        if (job instanceof AddJob add) {
            return changes().add(add, one);
        } else if (job instanceof CopyJob copy) {
            return changes().copy(copy, one);
        } else if (job instanceof DeleteJob delete) {
            return changes().delete(delete, one);
        } else if (job instanceof InfoJob) {
            return new QueryRunner(server).info(one);
        } else if (job instanceof StatusJob) {
            return new QueryRunner(server).status(one);
        }
        throw new IllegalStateException("An operation without a runner: " + job.operation());
    }

    private ChangeRunner changes() {
        return new ChangeRunner(server, journal, results, observer, clock);
    }

    private InstanceStatusEvent event(JobResult result) {
        return InstanceStatusEvent.of(result, clock.instant());
    }

    private Disposition.Ended ended(InstanceStatusEvent event, boolean deadLettered) {
        if (journal.ended() == null) {
            journal.end(event, deadLettered);
        }
        return new Disposition.Ended(
                event, deadLettered, runId, attempt.progress().firstFailureAt());
    }

    /** Ends a job without success, once it is certain that it has not done its work all the same. */
    private Disposition end(@Nullable Target target, JobError error, boolean deadLettered) {
        return end(target, results.error(error, state(target, error.code())), deadLettered);
    }

    private Disposition end(@Nullable Target target, JobResult failure, boolean deadLettered) {
        try {
            if (serverJournal != null && attempt.run() == null && !isNeverReceived()) {
                throw new JobDeferredException("its row in the journal cannot be reached");
            }
            Optional<OperationResult> done = doneAllTheSame(target);
            return done.isPresent()
                    ? ended(event(results.succeeded(done.get())), false)
                    : ended(event(failure), deadLettered);
        } catch (JobDeferredException e) {
            return waitsForItsEnd(e);
        } catch (ProvisioningException e) {
            // What waiting does not cure is no reason to wait.
            if (!e.code().retryable()) {
                return ended(event(failure), deadLettered);
            }
            return waitsForItsEnd(e);
        }
    }

    private Optional<OperationResult> doneAllTheSame(@Nullable Target target) {
        if (target == null || !mayHaveStarted()) {
            return Optional.empty();
        }
        return new CompletionCheck(changes(), target, journal).whatWasDone(job);
    }

    private Disposition waitsForItsEnd(RuntimeException e) {
        Delay delay = policy.retry().whileUnseen(attempt.progress().waits());
        return new Disposition.Wait(
                delay,
                giveBack(waited(), null, delay),
                "it has no attempt or no time left, and whether it has done its work cannot be found out yet: "
                        + e.getMessage());
    }

    /** Whether the job may have changed something without that being written down. */
    private boolean mayHaveStarted() {
        if (serverJournal == null) {
            return job.operation().changesDatabases() && (attempt.mayHaveStarted() || journal.hasStarted());
        }
        return job instanceof DeleteJob && (journal.before() != null || journal.hasStarted());
    }

    private Progress waited() {
        Progress p = attempt.progress();
        return new Progress(p.attempt(), p.allowedAttempts(), p.waits() + 1, p.firstFailureAt());
    }

    private Disposition deferred(@Nullable Target target, String reason) {
        Optional<Delay> delay = policy.retry().whileWaiting(attempt.progress().waits(), clock.instant(), deadline());
        if (delay.isEmpty()) {
            return end(target, JobErrors.tooLate(deadline(), "while it waited: " + reason), false);
        }
        return new Disposition.Wait(delay.get(), giveBack(waited(), null, delay.get()), reason);
    }

    private Disposition afterFailure(@Nullable Target target, ProvisioningException e) {
        if (e.getCause() != null) {
            log.debug("What the server or its driver said", e.getCause());
        }
        JobError error = JobErrors.of(e);
        if (e.code().rejection()) {
            return end(target, results.rejected(error), true);
        }
        Instant now = clock.instant();
        RetryDecision decision = policy.retry()
                .afterFailure(e.code(), attempt.number(), attempt.allowed(), spendsAttempt(e), now, deadline());
        if (decision instanceof RetryDecision.Again again) {
            Progress next = failed(again.nextAttempt(), again.allowedAttempts(), now);
            Instant nextAttemptAt = now.plus(again.delay().length());
            return new Disposition.TryAgain(
                    event(results.failed(error, state(target, e.code()), nextAttemptAt, again.allowedAttempts())),
                    again.delay(),
                    giveBack(next, e.code(), again.delay()));
        }
        if (decision instanceof RetryDecision.TooLate) {
            return end(target, JobErrors.tooLate(deadline(), "after this: " + error.message()), false);
        }
        boolean exhausted = decision instanceof RetryDecision.Exhausted;
        attempt = attempt.with(failed(attempt.number() + (exhausted ? 1 : 0), attempt.allowed(), now));
        return end(target, error, exhausted);
    }

    /** What the server says of the database after a failure; empty where it cannot be asked. */
    private Optional<StateReport> state(@Nullable Target target, ErrorCode failure) {
        if (target == null
                || NOT_ASKED_AFTER.contains(failure)
                || !server.guard().isReachable()) {
            return Optional.empty();
        }
        try {
            InstanceStatus status =
                    server.guard().observed(() -> server.provisioner().instanceStatus(target.databaseName()));
            return Optional.of(StateReport.of(status.state()));
        } catch (RuntimeException e) {
            log.debug("The state of the database cannot be found out after the failure: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private Progress failed(int nextAttempt, int allowedAttempts, Instant at) {
        Progress p = attempt.progress();
        return new Progress(
                nextAttempt,
                allowedAttempts,
                nextAttempt > p.attempt() ? 0 : p.waits(),
                p.firstFailureAt() == null ? at : p.firstFailureAt());
    }

    /** A server that is down costs no attempts, nor does a source that the job itself says to wait for. */
    private boolean spendsAttempt(ProvisioningException e) {
        boolean waitsForSource = e.code() == ErrorCode.SOURCE_BUSY
                && job instanceof CopyJob copy
                && copy.whenSourceBusy() == WhenSourceBusy.WAIT;
        return !(e instanceof NotStartedException) && !waitsForSource;
    }

    /** Gives the job back before its message goes to a wait queue. */
    private Carried giveBack(Progress next, @Nullable ErrorCode error, Delay delay) {
        if (attempt.run() != null) {
            try {
                journal.defer(next, error, clock.instant().plus(delay.length()));
                return Carried.run(attempt.run().runId());
            } catch (ProvisioningException e) {
                log.warn("That the job waits cannot be written into the journal: {}", e.getMessage());
                return new Carried(runId, next, Duration.ZERO);
            }
        }
        Duration waited = delivery.carried()
                .waited()
                .plus(Duration.between(begin, clock.instant()))
                .plus(delay.length());
        return new Carried(runId, next, waited);
    }

    /** So that whoever has the message next does not count a crash. */
    private void giveBackQuietly() {
        try {
            journal.defer(attempt.progress(), null, null);
        } catch (ProvisioningException | ClaimLostException e) {
            log.debug("The job could not be given back in the journal: {}", e.getMessage());
        }
    }
}
