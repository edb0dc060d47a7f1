package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import io.instanceworker.retry.Delay;
import io.instanceworker.retry.RetryDecision;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether a received job may start, and what follows if it has not succeeded: it waits, is tried again, or ends. */
final class UnfinishedJob {

    private static final Logger log = LoggerFactory.getLogger(UnfinishedJob.class);

    /** Below the queues' delivery limit of 50. At that limit the broker dead-letters a message, and no result is published. */
    private static final int MOST_RETURNS = 45;

    /** After these errors the state is not queried: the server does not answer, or the worker's settings refuse the job. */
    private static final Set<ErrorCode> NOT_ASKED_AFTER = EnumSet.of(
            ErrorCode.SERVER_UNAVAILABLE,
            ErrorCode.AUTHENTICATION_FAILED,
            ErrorCode.TOO_MANY_CONNECTIONS,
            ErrorCode.INVALID_NAME,
            ErrorCode.NAME_TOO_LONG,
            ErrorCode.UNKNOWN_TEMPLATE,
            ErrorCode.PROTECTED_DATABASE);

    /** What ends when the server's operators have done something: no number of attempts says when that is. */
    private static final Set<ErrorCode> RETRIED_UNTIL_DEADLINE =
            EnumSet.of(ErrorCode.AUTHENTICATION_FAILED, ErrorCode.DISK_FULL, ErrorCode.TIMEOUT);

    private final JobContext context;
    private final Job job;
    private final Server server;
    private final JobHandler.Policy policy;
    private final RunJournal journal;
    private final ResultFactory results;
    private final @Nullable Target target;
    private JobAttempt attempt;

    /** @param target null if the job has no valid database name, or is not about a single database */
    UnfinishedJob(JobContext context, JobAttempt attempt, @Nullable Target target) {
        this.context = context;
        this.job = context.job();
        this.server = context.server();
        this.policy = context.policy();
        this.journal = context.journal();
        this.results = context.results();
        this.attempt = attempt;
        this.target = target;
    }

    /**
     * Ends a job that must not be started any more; empty if it may be started.
     *
     * @param returns how often the message went back to its queue without an acknowledgement
     */
    Optional<Disposition> endBeforeStart(int returns) {
        if (attempt.crashes() >= policy.maxCrashes()) {
            return Optional.of(end(JobErrors.crashes(attempt.crashes()), true));
        }
        if (returns >= MOST_RETURNS) {
            return Optional.of(end(JobErrors.crashes(returns), true));
        }
        if (attempt.isUsedUp()) {
            return Optional.of(end(JobErrors.noAttemptLeft(lastError()), true));
        }
        Instant deadline = context.deadline(attempt);
        if (!mayHaveStarted() && deadline.isAfter(attempt.receivedAt().plus(policy.maxDeadline()))) {
            return Optional.of(end(results.rejected(JobErrors.tooFar(deadline, policy.maxDeadline())), true));
        }
        return deadline.isAfter(context.now())
                ? Optional.empty()
                : Optional.of(end(JobErrors.tooLate(deadline, "before it could be done"), false));
    }

    private ErrorCode lastError() {
        String code = attempt.run() == null ? null : attempt.run().lastError();
        return code == null ? ErrorCode.SERVER_UNAVAILABLE : ErrorCode.valueOf(code);
    }

    /** The job could not start. */
    Disposition deferred(String reason) {
        Instant deadline = context.deadline(attempt);
        return policy.retry()
                .whileWaiting(attempt.progress().waits(), context.now(), deadline)
                .<Disposition>map(
                        delay -> new Disposition.Wait(delay, journal.recordWait(waited(), null, delay), reason))
                .orElseGet(() -> end(JobErrors.tooLate(deadline, "while it waited: " + reason), false));
    }

    /** The attempt failed. */
    Disposition failed(ProvisioningException e) {
        if (e.getCause() != null) {
            log.debug("The exception of the server or of its driver", e.getCause());
        }
        if (hasUnreadRow()) {
            // A failure published now might count as later than the end that is in the row.
            return deferred(String.valueOf(e.getMessage()));
        }
        JobError error = JobErrors.of(e);
        if (e.code().rejection()) {
            return end(results.rejected(error), true);
        }
        Instant now = context.now();
        Instant deadline = context.deadline(attempt);
        RetryDecision decision = policy.retry()
                .afterFailure(e.code(), attempt.number(), attempt.allowed(), spendsAttempt(e), now, deadline);
        if (decision instanceof RetryDecision.Again again) {
            Progress next = progressAfter(again.nextAttempt(), again.allowedAttempts(), now);
            Instant nextAttemptAt = now.plus(again.delay().length());
            return new Disposition.TryAgain(
                    context.event(results.failed(error, state(e.code()), nextAttemptAt, again.allowedAttempts())),
                    again.delay(),
                    journal.recordWait(next, e.code(), again.delay()));
        }
        if (decision instanceof RetryDecision.TooLate) {
            return end(JobErrors.tooLate(deadline, "after this: " + error.message()), false);
        }
        boolean exhausted = decision instanceof RetryDecision.Exhausted;
        // Past its last attempt, so that the next delivery does not start the job again should the end not be written
        // now.
        attempt = attempt.with(progressAfter(attempt.number() + (exhausted ? 1 : 0), attempt.allowed(), now));
        return end(error, exhausted);
    }

    /** An unreachable server uses up no attempt, and neither does a busy source if the job asks to wait for the source. */
    private boolean spendsAttempt(ProvisioningException e) {
        boolean waitsForSource = e.code() == ErrorCode.SOURCE_BUSY
                && job instanceof CopyJob copy
                && copy.whenSourceBusy() == WhenSourceBusy.WAIT;
        return !(e instanceof NotStartedException) && !waitsForSource && !RETRIED_UNTIL_DEADLINE.contains(e.code());
    }

    private Progress progressAfter(int nextAttempt, int allowedAttempts, Instant at) {
        Progress p = attempt.progress();
        return new Progress(
                nextAttempt,
                allowedAttempts,
                nextAttempt > p.attempt() ? 0 : p.waits(),
                p.firstFailureAt() == null ? at : p.firstFailureAt());
    }

    private Progress waited() {
        Progress p = attempt.progress();
        return new Progress(p.attempt(), p.allowedAttempts(), p.waits() + 1, p.firstFailureAt());
    }

    /** Ends the job without success, after checking that it has not done its work. */
    private Disposition end(JobError error, boolean deadLettered) {
        return end(results.error(error, state(error.code())), deadLettered);
    }

    private Disposition end(JobResult failure, boolean deadLettered) {
        try {
            if (hasUnreadRow()) {
                throw new JobDeferredException("its row in the journal cannot be reached");
            }
            return doneAllTheSame()
                    .map(done -> context.recordEnd(attempt, context.event(results.succeeded(done)), false))
                    .orElseGet(() -> context.recordEnd(attempt, context.event(failure), deadLettered));
        } catch (JobDeferredException | ProvisioningException e) {
            return waitsForItsEnd(failure, e);
        }
    }

    private boolean hasUnreadRow() {
        return attempt.run() == null && journal.mayHaveRow();
    }

    private Optional<OperationResult> doneAllTheSame() {
        if (target == null || !mayBeDone()) {
            return Optional.empty();
        }
        try {
            return new CompletionCheck(context, target).whatWasDone(job);
        } catch (ProvisioningException e) {
            if (e.code().retryable()) {
                throw e;
            }
            // Waiting does not help, so the job ends as it has failed.
            return Optional.empty();
        }
    }

    /** Whether the job may have done its work although this is not written in the journal. */
    private boolean mayHaveStarted() {
        if (!journal.exists()) {
            return job.operation().changesDatabases() && (attempt.mayHaveStarted() || journal.hasStarted());
        }
        return job instanceof DeleteJob && (journal.before() != null || journal.hasStarted());
    }

    private boolean mayBeDone() {
        boolean mayBeUnwritten = attempt.run() != null
                && !journal.commitsEndWithName()
                && job.operation().changesDatabases()
                && !(job instanceof DeleteJob);
        return mayHaveStarted() || mayBeUnwritten;
    }

    private Disposition waitsForItsEnd(JobResult failure, RuntimeException e) {
        JobError error = failure.error();
        Delay delay = policy.retry().whileUnseen(attempt.progress().waits());
        return new Disposition.Wait(
                delay,
                journal.recordWait(waited(), error == null ? null : error.code(), delay),
                "it has no attempt or no time left, but whether it has done its work cannot be checked yet: "
                        + e.getMessage());
    }

    /** The state of the database after a failure; empty if the server cannot be queried. */
    private Optional<StateReport> state(ErrorCode failure) {
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
}
