package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.InfoJob;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.job.StatusJob;
import io.instanceworker.contracts.job.StatusPageJob;
import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.job.JobsInHand.JobInHand;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.ServerGate;
import io.instanceworker.provision.Servers;
import io.instanceworker.provision.Target;
import io.instanceworker.retry.RetryDecision;
import io.instanceworker.retry.RetryPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a job and says what becomes of it. Nothing that goes wrong with a job makes it throw. */
public final class JobHandler {

    private static final Logger log = LoggerFactory.getLogger(JobHandler.class);

    private final Servers servers;
    private final RetryPolicy retry;
    private final Duration defaultDeadline;
    private final String worker;
    private final JobsInHand inHand;
    private final JobMonitor monitor;
    private final Clock clock;

    public JobHandler(
            Servers servers,
            RetryPolicy retry,
            Duration defaultDeadline,
            String worker,
            JobsInHand inHand,
            JobMonitor monitor,
            Clock clock) {
        this.servers = servers;
        this.retry = retry;
        this.defaultDeadline = defaultDeadline;
        this.worker = worker;
        this.inHand = inHand;
        this.monitor = monitor;
        this.clock = clock;
    }

    /** The ticket of a job that no worker has had before. */
    public Ticket newTicket() {
        return new Ticket(1, 1, retry.maxAttempts(), 0, clock.instant(), null);
    }

    /**
     * Runs one attempt, on the calling thread, for as long as it takes.
     *
     * @param progress what it throws ends the attempt and is thrown on: the broker, not the job, has failed then
     */
    public Verdict handle(Job job, Ticket ticket, ProgressListener progress) {
        Results results = new Results(job, ticket, worker, clock);
        Instant deadline = deadline(job, ticket);
        Verdict verdict;
        try {
            verdict = deadline.isAfter(results.startedAt())
                    ? attempt(job, ticket, results, progress)
                    : atItsEnd(job, ticket, results, tooLate(deadline, "before it could be done"), false);
        } catch (MustWaitException | ServerGate.ClosedException e) {
            verdict = waits(ticket, results, deadline, String.valueOf(e.getMessage()));
        } catch (ProvisioningException e) {
            verdict = afterFailure(job, ticket, results, deadline, e);
        }
        tellMonitor(job, results, verdict);
        return verdict;
    }

    private Instant deadline(Job job, Ticket ticket) {
        Instant own = job.header().deadline();
        return own == null ? ticket.firstReceivedAt().plus(defaultDeadline) : own;
    }

    private Verdict attempt(Job job, Ticket ticket, Results results, ProgressListener progress) {
        Server server = servers.named(job.header().server());
        Target target = lookUp(job, server, results);
        JobInHand entry = new JobInHand(
                job.jobId(),
                job.operation(),
                server.name(),
                target == null ? "" : target.databaseName(),
                "begin",
                results.startedAt());
        try (JobsInHand.Entry hand = inHand.begin(entry)) {
            StepListener steps = step -> {
                hand.at(step);
                progress.at(step);
            };
            ChangeRunner changes = new ChangeRunner(
                    server, steps, results::locked, state -> progress.begins(results.inProgress(state)), clock);
            return new Verdict.Ended(results.succeeded(run(job, ticket, server, target, changes)));
        } catch (ProvisioningException | MustWaitException | ServerGate.ClosedException | AbandonedException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            // A plugin that does not fit to this version shows itself as a LinkageError, and must not end the worker.
            log.error(
                    "The job failed in a way that nobody foresaw, which is a defect of the worker or of an engine", e);
            throw new ProvisioningException(
                    ErrorCode.INTERNAL_ERROR,
                    "The worker failed in a way that was not foreseen; its log has more. The job is tried again.");
        }
    }

    private static @Nullable Target lookUp(Job job, Server server, Results results) {
        results.isFor(server.name());
        Target target = null;
        if (job instanceof InstanceJob about) {
            target = server.target(about);
            results.isFor(target.instance());
        }
        JobFields.add(server, target);
        return target;
    }

    /**
     * Ends a job that is not to be begun any more. An earlier run of it may have done its work without having told it, and
     * then that is what is told.
     */
    private Verdict atItsEnd(Job job, Ticket ticket, Results results, JobError error, boolean kept) {
        Server server = servers.named(job.header().server());
        Target target = lookUp(job, server, results);
        if (target != null && job.operation().changesDatabases()) {
            InstanceStatus found = foundAtTheEnd(server, target);
            if (found != null && isDoneBy(job, found)) {
                return new Verdict.Ended(results.succeeded(new Done(
                        true,
                        StateReport.of(found.state()),
                        null,
                        null,
                        found.exists() ? server.connectionString(target.databaseName()) : null)));
            }
        }
        JobResult.Error result = results.error(error);
        return kept ? new Verdict.EndedAndKept(result, ticket) : new Verdict.Ended(result);
    }

    private static @Nullable InstanceStatus foundAtTheEnd(Server server, Target target) {
        try {
            return server.gate().look(() -> server.provisioner().instanceStatus(target.databaseName()));
        } catch (ProvisioningException | ServerGate.ClosedException e) {
            log.warn("What became of the job cannot be seen, so it is told as failed: {}", e.getMessage());
            return null;
        }
    }

    private static boolean isDoneBy(Job job, InstanceStatus found) {
        return job instanceof DeleteJob
                ? found.state() == InstanceState.NOT_FOUND
                : found.mark() != null && found.mark().jobId().equals(job.jobId());
    }

    private static Done run(Job job, Ticket ticket, Server server, @Nullable Target target, ChangeRunner changes) {
        LookRunner looks = new LookRunner(server);
        if (job instanceof StatusPageJob page) {
            return looks.page(page);
        }
        Target one = Objects.requireNonNull(target);
        if (job instanceof AddJob add) {
            return changes.add(add, one);
        } else if (job instanceof CopyJob copy) {
            return changes.copy(copy, one);
        } else if (job instanceof DeleteJob delete) {
            return changes.delete(delete, one, ticket.firstReceivedAt());
        } else if (job instanceof InfoJob) {
            return looks.info(one);
        } else if (job instanceof StatusJob) {
            return looks.status(one);
        }
        throw new IllegalStateException("An operation without a runner: " + job.operation());
    }

    private Verdict waits(Ticket ticket, Results results, Instant deadline, String reason) {
        return retry.whileWaiting(ticket.waits(), clock.instant(), deadline)
                .<Verdict>map(delay -> new Verdict.Wait(delay, ticket.waited(), reason))
                .orElseGet(() -> new Verdict.Ended(results.error(tooLate(deadline, "while it waited: " + reason))));
    }

    private Verdict afterFailure(Job job, Ticket ticket, Results results, Instant deadline, ProvisioningException e) {
        if (e.getCause() != null) {
            log.warn("The attempt failed with {}; this is what the server or its driver said", e.code(), e.getCause());
        }
        JobError error = new JobError(e.code(), String.valueOf(e.getMessage()), e.sqlState(), e.vendorCode());
        if (e.code().rejection()) {
            return new Verdict.EndedAndKept(results.rejected(error), ticket);
        }
        Instant now = clock.instant();
        RetryDecision decision = retry.afterFailure(
                e.code(), ticket.attempt(), ticket.allowedAttempts(), spendsAttempt(job, e), now, deadline);
        if (decision instanceof RetryDecision.Again again) {
            return new Verdict.TryAgain(
                    results.failed(error, now.plus(again.delay().length()), again.allowedAttempts()),
                    again.delay(),
                    ticket.failed(again.nextAttempt(), again.allowedAttempts(), now));
        } else if (decision instanceof RetryDecision.Exhausted) {
            return new Verdict.EndedAndKept(
                    results.error(error), ticket.failed(ticket.attempt(), ticket.allowedAttempts(), now));
        } else if (decision instanceof RetryDecision.TooLate) {
            return new Verdict.Ended(results.error(tooLate(deadline, "after this: " + error.message())));
        }
        return new Verdict.Ended(results.error(error));
    }

    /** A server that is down costs no attempts, nor does a source that the job itself says to wait for. */
    private static boolean spendsAttempt(Job job, ProvisioningException e) {
        boolean waitsForSource = e.code() == ErrorCode.SOURCE_BUSY
                && job instanceof CopyJob copy
                && copy.whenSourceBusy() == WhenSourceBusy.WAIT;
        return !(e instanceof NotBegunException) && !waitsForSource;
    }

    private static JobError tooLate(Instant deadline, String when) {
        return new JobError(
                ErrorCode.DEADLINE_EXCEEDED,
                "The job's deadline, " + deadline + ", came " + when + ". Send it again with a later one if it is still"
                        + " wanted.",
                null,
                null);
    }

    /** Ends a job that came back from so many workers that it must be what ends them. */
    public Verdict endAsPoison(Job job, Ticket ticket, long deliveries) {
        Results results = new Results(job, ticket, worker, clock);
        JobError error = new JobError(
                ErrorCode.INTERNAL_ERROR,
                "The job was given to a worker " + deliveries
                        + " times, and each ended before the job did. It is kept in"
                        + " the dead queue; see the workers' logs before replaying it.",
                null,
                null);
        Verdict verdict;
        try {
            verdict = atItsEnd(job, ticket, results, error, true);
        } catch (ProvisioningException e) {
            verdict = new Verdict.EndedAndKept(results.error(error), ticket);
        }
        tellMonitor(job, results, verdict);
        return verdict;
    }

    /** What is told of a message that is no job; empty where it cannot be told whose it is. */
    public Optional<JobResult> reject(ReadJob.Refused refused) {
        Instant now = clock.instant();
        monitor.ended(refused.operation(), OutcomeKind.REJECTED, null, Duration.ZERO);
        JobError error = new JobError(refused.code(), refused.message(), null, null);
        return Optional.ofNullable(refused.jobId())
                .map(jobId -> new JobResult.Rejected(
                        new JobFacts(
                                jobId,
                                refused.operation(),
                                refused.server(),
                                refused.instance(),
                                Results.NEVER_TRIED,
                                retry.maxAttempts(),
                                JobFacts.sequence(Results.NEVER_TRIED, OutcomeKind.REJECTED),
                                now,
                                now,
                                worker,
                                refused.context()),
                        error));
    }

    private void tellMonitor(Job job, Results results, Verdict verdict) {
        String server = configured(job.header().server());
        if (verdict instanceof Verdict.Wait) {
            monitor.waits(job.operation(), server == null ? "" : server);
            return;
        }
        OutcomeKind outcome = verdict instanceof Verdict.Ended ended
                ? ended.result().outcome()
                : verdict instanceof Verdict.EndedAndKept kept ? kept.result().outcome() : OutcomeKind.FAILED;
        monitor.ended(job.operation(), outcome, server, Duration.between(results.startedAt(), clock.instant()));
    }

    private @Nullable String configured(@Nullable String requested) {
        try {
            return servers.named(requested).name();
        } catch (ProvisioningException e) {
            return null;
        }
    }
}
