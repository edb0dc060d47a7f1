package io.instanceworker.contracts.result;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What every result says about its job and about this attempt.
 *
 * @param operation null if a rejected message has no known operation
 * @param server null if a rejected message names no server
 * @param attempt from 1; 0 for a rejected message, which has no attempt
 * @param maxAttempts the number of the last attempt; a failed attempt that was not used up adds one
 * @param sequence grows within a job, so that a recorder can ignore a late event
 * @param startedAt when this attempt started; for SUPERSEDED when the job was received, and for a Delete that an earlier attempt has
 *     done when the drop started
 * @param finishedAt when this attempt ended; null while it runs
 * @param worker the name of the worker that published the result
 * @param requestedBy who requested the job; null if the job does not say
 * @param context the context of the job, unchanged
 */
public record JobFacts(
        String jobId,
        @Nullable Operation operation,
        @Nullable String server,
        InstanceRef instance,
        int attempt,
        int maxAttempts,
        long sequence,
        Instant startedAt,
        @Nullable Instant finishedAt,
        String worker,
        @Nullable String requestedBy,
        @Nullable JsonNode context) {

    /** How long the attempt took, in milliseconds; null while it runs. Never negative, even if the clock was set back. */
    public @Nullable Long durationMs() {
        return finishedAt == null ? null : Math.max(0, finishedAt.toEpochMilli() - startedAt.toEpochMilli());
    }

    /** The same facts without the job's context, which can be large. */
    public JobFacts withoutContext() {
        return new JobFacts(
                jobId,
                operation,
                server,
                instance,
                attempt,
                maxAttempts,
                sequence,
                startedAt,
                finishedAt,
                worker,
                requestedBy,
                null);
    }

    /** The facts of an event about the same attempt that has this progress. */
    JobFacts withProgress(int percent) {
        return new JobFacts(
                jobId,
                operation,
                server,
                instance,
                attempt,
                maxAttempts,
                sequence(attempt, OutcomeKind.IN_PROGRESS) + 1 + percent,
                startedAt,
                finishedAt,
                worker,
                requestedBy,
                context);
    }

    /**
     * The sequence number of an event. A later attempt has greater numbers, and within an attempt the end has a greater number
     * than the start. The number is derived and not counted, so that a repeated event has the number of the first. Between the
     * start and the ends is room for a number for each percent of progress.
     *
     * <p>If a worker crashes after it published the end of an attempt and before it acknowledged the message, the attempt runs
     * again and may end differently. So that a recorder knows which end counts, the different ends of an attempt have different
     * numbers: Error comes after Failed, and Succeeded comes after both, because success is published only for work that is
     * done.
     */
    public static long sequence(int attempt, OutcomeKind outcome) {
        int place = switch (outcome) {
            case IN_PROGRESS -> 0;
            case FAILED -> 200;
            case ERROR -> 201;
            case SUCCEEDED, REJECTED -> 202;
        };
        return attempt * 1000L + place;
    }
}
