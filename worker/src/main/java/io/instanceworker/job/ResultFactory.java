package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Creates the results of one attempt. The setters add what is found out about the job to all later results. */
final class ResultFactory {

    static final int NEVER_TRIED = 0;

    private final Job job;
    private JobAttempt attempt;
    private final String worker;
    private final Clock clock;
    private Instant startedAt;
    private @Nullable String server;
    private InstanceRef instance;
    private final Set<String> warnings = new LinkedHashSet<>();

    ResultFactory(Job job, JobAttempt attempt, String worker, Clock clock) {
        this.job = job;
        this.attempt = attempt;
        this.worker = worker;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.server = job.header().server();
        this.instance = job instanceof InstanceJob about ? about.instance() : InstanceRef.NONE;
    }

    void isAbout(String configuredServer) {
        this.server = configuredServer;
    }

    void isAbout(InstanceRef resolved) {
        this.instance = resolved;
    }

    /** Sets the attempt according to the journal or to the message. */
    void isAttempt(JobAttempt known) {
        this.attempt = known;
    }

    /** Adds a warning, which is published if the job succeeds. */
    void warn(String warning) {
        warnings.add(warning);
    }

    /** The number of the attempt; if all attempts are used up, the number of the last. */
    private int number() {
        return Math.min(attempt.number(), attempt.allowed());
    }

    /**
     * The job has got the lock on its database. Its results have this time as {@code startedAt}, so that the results of two
     * jobs for one database are in the order in which the jobs had the lock.
     */
    void locked() {
        this.startedAt = clock.instant();
    }

    /**
     * Dates results back: recorders order the results of jobs for one database by this time. A later call of this method or of
     * {@link #locked} replaces it.
     */
    void startedAt(Instant time) {
        startedAt = time;
    }

    JobResult.InProgress inProgress(StateReport state) {
        return new JobResult.InProgress(facts(OutcomeKind.IN_PROGRESS, attempt.allowed(), null), state);
    }

    JobResult.Succeeded succeeded(OperationResult done) {
        return new JobResult.Succeeded(
                ended(OutcomeKind.SUCCEEDED, attempt.allowed()),
                done.changed(),
                done.state(),
                done.info(),
                done.page(),
                done.connectionString(),
                List.copyOf(warnings));
    }

    /**
     * @param state the state of the database; empty if the server was not asked
     * @param allowedAttempts the number of the last attempt after this failure, which may have used up no attempt
     */
    JobResult.Failed failed(JobError error, Optional<StateReport> state, Instant nextAttemptAt, int allowedAttempts) {
        JobFacts facts = ended(OutcomeKind.FAILED, allowedAttempts);
        return state.map(known -> new JobResult.Failed(facts, known, error, nextAttemptAt))
                .orElseGet(() -> new JobResult.Failed(facts, error, nextAttemptAt));
    }

    JobResult.Error error(JobError error, Optional<StateReport> state) {
        if (error.code() == ErrorCode.SUPERSEDED) {
            // The later job's result stays the last.
            startedAt(attempt.firstReceivedAt());
        }
        JobFacts facts = ended(OutcomeKind.ERROR, attempt.allowed());
        return state.map(known -> new JobResult.Error(facts, known, error))
                .orElseGet(() -> new JobResult.Error(facts, error));
    }

    /** A message that was never tried has attempt 0, so that its event differs from the events of a job with the same id. */
    JobResult.Rejected rejected(JobError error) {
        return new JobResult.Rejected(
                new JobFacts(
                        job.jobId(),
                        job.operation(),
                        server,
                        instance,
                        NEVER_TRIED,
                        attempt.allowed(),
                        JobFacts.sequence(NEVER_TRIED, OutcomeKind.REJECTED),
                        startedAt,
                        clock.instant(),
                        worker,
                        job.header().requestedBy(),
                        job.header().context()),
                error);
    }

    private JobFacts ended(OutcomeKind outcome, int allowedAttempts) {
        return facts(outcome, allowedAttempts, clock.instant());
    }

    private JobFacts facts(OutcomeKind outcome, int allowedAttempts, @Nullable Instant finishedAt) {
        return new JobFacts(
                job.jobId(),
                job.operation(),
                server,
                instance,
                number(),
                allowedAttempts,
                JobFacts.sequence(number(), outcome),
                startedAt,
                finishedAt,
                worker,
                job.header().requestedBy(),
                job.header().context());
    }
}
