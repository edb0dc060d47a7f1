package io.instanceworker.job;

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

/** Makes the results of one attempt. What is found out about the job on the way goes into those that follow. */
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

    /** What the journal, or the message, says of the attempt. */
    void isAttempt(JobAttempt known) {
        this.attempt = known;
    }

    /** Something that people should know should the job succeed. */
    void warn(String warning) {
        warnings.add(warning);
    }

    /** The last attempt where they are used up. */
    private int number() {
        return Math.min(attempt.number(), attempt.allowed());
    }

    /**
     * From now on the job has the lock on its database. Its results count from here, so that those of two jobs for one
     * database are in the order in which they had the lock.
     */
    void locked() {
        this.startedAt = clock.instant();
    }

    Instant startedAt() {
        return startedAt;
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
     * @param state what the server says of the database; empty where it was not asked
     * @param allowedAttempts as they stand after the failure, which may not have used one up
     */
    JobResult.Failed failed(JobError error, Optional<StateReport> state, Instant nextAttemptAt, int allowedAttempts) {
        JobFacts facts = ended(OutcomeKind.FAILED, allowedAttempts);
        return state.map(known -> new JobResult.Failed(facts, known, error, nextAttemptAt))
                .orElseGet(() -> new JobResult.Failed(facts, error, nextAttemptAt));
    }

    JobResult.Error error(JobError error, Optional<StateReport> state) {
        JobFacts facts = ended(OutcomeKind.ERROR, attempt.allowed());
        return state.map(known -> new JobResult.Error(facts, known, error))
                .orElseGet(() -> new JobResult.Error(facts, error));
    }

    /** A message that was never tried has attempt 0, so that it cannot be taken for an attempt of a job of the same id. */
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
