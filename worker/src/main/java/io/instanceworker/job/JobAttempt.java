package io.instanceworker.job;

import io.instanceworker.journal.JobRun;
import io.instanceworker.journal.JobRun.Progress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a job.
 *
 * @param crashes how many workers crashed while they had the job
 * @param firstReceivedAt when a worker received the job for the first time
 * @param receivedAt the same, or when the job was received after its latest replay
 * @param mayHaveStarted whether an earlier delivery of the job may have changed something; for an engine without a
 *     journal, because {@link RunJournal} knows it better
 * @param run the job's row in the journal; null for a query, for an engine without a journal, and until the row is written
 */
record JobAttempt(
        Progress progress,
        int crashes,
        Instant firstReceivedAt,
        Instant receivedAt,
        boolean mayHaveStarted,
        @Nullable JobRun run) {

    static JobAttempt carried(JobDelivery delivery, int maxAttempts, Instant now) {
        Progress carried = delivery.carried().progress();
        Instant receivedAt = now.minus(delivery.carried().waited());
        return new JobAttempt(
                carried == null ? new Progress(1, maxAttempts, 0, null) : carried,
                delivery.deliveryCount(),
                receivedAt,
                receivedAt,
                delivery.redelivered() || delivery.fromWaitQueue(),
                null);
    }

    static JobAttempt of(JobRun run, Instant now) {
        return new JobAttempt(
                run.progress(),
                run.crashes(),
                now.minus(run.age().received()),
                now.minus(run.age().due()),
                run.startedDrop() != null,
                run);
    }

    JobAttempt with(Progress next) {
        return new JobAttempt(next, crashes, firstReceivedAt, receivedAt, mayHaveStarted, run);
    }

    int number() {
        return progress.attempt();
    }

    int allowed() {
        return progress.allowedAttempts();
    }

    /** Whether the last attempt has failed, but the end of the job could not be written yet. */
    boolean isUsedUp() {
        return number() > allowed();
    }
}
