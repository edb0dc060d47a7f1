package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
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
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.ServerGate;
import io.instanceworker.provision.Servers;
import io.instanceworker.provision.Target;
import io.instanceworker.retry.Delay;
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
    private final Duration maxDeadline;
    private final String worker;
    private final JobMonitor monitor;
    private final Clock clock;

    public JobHandler(
            Servers servers,
            RetryPolicy retry,
            Duration defaultDeadline,
            Duration maxDeadline,
            String worker,
            JobMonitor monitor,
            Clock clock) {
        this.servers = servers;
        this.retry = retry;
        this.defaultDeadline = defaultDeadline;
        this.maxDeadline = maxDeadline;
        this.worker = worker;
        this.monitor = monitor;
        this.clock = clock;
    }

    /** The ticket of a job that no worker has had before. */
    public Ticket newTicket() {
        return new Ticket(1, 1, retry.maxAttempts(), 0, 0, false, null, clock.instant(), null);
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
            if (ticket.ending() != null) {
                verdict = end(
                        job,
                        ticket,
                        results,
                        JobErrors.noAttemptLeft(ticket.ending()),
                        ticket.ending().retryable());
            } else if (!results.hasBegun()
                    && deadline.isAfter(ticket.firstReceivedAt().plus(maxDeadline))) {
                verdict = new Verdict.EndedAndKept(results.rejected(JobErrors.tooFar(deadline, maxDeadline)), ticket);
            } else if (deadline.isAfter(results.startedAt())) {
                verdict = attempt(job, ticket, results, progress);
            } else {
                verdict = end(job, ticket, results, JobErrors.tooLate(deadline, "before it could be done"), false);
            }
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
        progress.isFor(server.name(), target == null ? null : target.instance());
        try {
            ChangeRunner changes = new ChangeRunner(
                    server, progress::at, results::locked, state -> progress.begins(results.inProgress(state)), clock);
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

    /** Ends a job that has no attempt left, once it is certain that it has not done its work all the same. */
    private Verdict end(Job job, Ticket ticket, Results results, JobError error, boolean kept) {
        if (!results.hasBegun()) {
            return ended(ticket, results, error, kept);
        }
        try {
            return doneAllTheSame(job, results)
                    .<Verdict>map(done -> new Verdict.Ended(results.succeeded(done)))
                    .orElseGet(() -> ended(ticket, results, error, kept));
        } catch (ProvisioningException e) {
            // What waiting does not cure is no reason to wait: a server that is not configured, a name that none can
            // have.
            return e.code().retryable() ? waitsToBeSeen(ticket, error, e) : ended(ticket, results, error, kept);
        } catch (MustWaitException | ServerGate.ClosedException e) {
            return waitsToBeSeen(ticket, error, e);
        } catch (RuntimeException | LinkageError e) {
            log.error("What became of the job cannot be seen, which is a defect; it is told as failed", e);
            return ended(ticket, results, error, kept);
        }
    }

    private Verdict waitsToBeSeen(Ticket ticket, JobError error, RuntimeException e) {
        return new Verdict.Wait(
                retry.whileUnseen(ticket.waits()),
                ticket.waited(true).endingWith(error.code()),
                "it has ended, and what became of it cannot be seen yet: " + e.getMessage());
    }

    /** What it has done all the same; empty if nothing. */
    private Optional<Done> doneAllTheSame(Job job, Results results) {
        if (!job.operation().changesDatabases()) {
            return Optional.empty();
        }
        Server server = servers.named(job.header().server());
        Target target = Objects.requireNonNull(lookUp(job, server, results));
        return new LastLook(server, target, results, clock).whatWasDone(job);
    }

    private static Verdict ended(Ticket ticket, Results results, JobError error, boolean kept) {
        JobResult.Error result = results.error(error);
        return kept ? new Verdict.EndedAndKept(result, ticket) : new Verdict.Ended(result);
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
            return changes.delete(delete, one, ticket.firstReceivedAt(), ticket.begun());
        } else if (job instanceof InfoJob) {
            return looks.info(one);
        } else if (job instanceof StatusJob) {
            return looks.status(one);
        }
        throw new IllegalStateException("An operation without a runner: " + job.operation());
    }

    private Verdict waits(Ticket ticket, Results results, Instant deadline, String reason) {
        Optional<Delay> delay = retry.whileWaiting(ticket.waits(), clock.instant(), deadline);
        if (delay.isEmpty() && !results.hasBegun()) {
            return new Verdict.Ended(results.error(JobErrors.tooLate(deadline, "while it waited: " + reason)));
        }
        return new Verdict.Wait(
                delay.orElseGet(() -> retry.whileUnseen(ticket.waits())), ticket.waited(results.hasBegun()), reason);
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
                    ticket.failed(again.nextAttempt(), again.allowedAttempts(), results.hasBegun(), now));
        }
        Ticket last = ticket.failed(ticket.attempt(), ticket.allowedAttempts(), results.hasBegun(), now);
        return decision instanceof RetryDecision.TooLate
                ? end(job, last, results, JobErrors.tooLate(deadline, "after this: " + error.message()), false)
                : end(job, last, results, error, decision instanceof RetryDecision.Exhausted);
    }

    /** A server that is down costs no attempts, nor does a source that the job itself says to wait for. */
    private static boolean spendsAttempt(Job job, ProvisioningException e) {
        boolean waitsForSource = e.code() == ErrorCode.SOURCE_BUSY
                && job instanceof CopyJob copy
                && copy.whenSourceBusy() == WhenSourceBusy.WAIT;
        return !(e instanceof NotBegunException) && !waitsForSource;
    }

    /**
     * Ends a job that came back from so many workers that it must be what ends them.
     *
     * @param times how often it was given to one
     */
    public Verdict endAsPoison(Job job, Ticket ticket, int times) {
        Results results = new Results(job, ticket, worker, clock);
        JobError error = JobErrors.poison(times);
        Verdict verdict = end(job, ticket, results, error, true);
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
                                refused.requestedBy(),
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
