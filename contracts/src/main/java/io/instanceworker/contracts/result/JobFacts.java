package io.instanceworker.contracts.result;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What every result says of its job and of this attempt.
 *
 * @param operation null where a rejected message names none that is known
 * @param server null where a rejected message names none
 * @param attempt from 1; 0 for a rejected message, which was never tried
 * @param maxAttempts the attempt after which the job gives up, as things stand
 * @param sequence grows within a job, so that a late event never moves a recorder backwards
 * @param startedAt when this attempt began
 * @param finishedAt when it ended; null while it runs
 * @param worker which worker says so
 * @param requestedBy who asked for the job; null where the job does not say
 * @param context the job's own, untouched
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

    /** How long the attempt took, in milliseconds; null while it runs. Never negative, also when a clock was set back. */
    public @Nullable Long durationMs() {
        return finishedAt == null ? null : Math.max(0, finishedAt.toEpochMilli() - startedAt.toEpochMilli());
    }

    /** The same without the job's own data, which can be large. */
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

    /**
     * The sequence number of an event: attempts come after each other, and within an attempt its end comes after its
     * beginning. Derived, not counted, so that a repeated event has the number of the first.
     *
     * <p>An attempt whose worker was killed after telling how it ended, and before acknowledging it, is run once more and may
     * end otherwise. No two endings of one attempt have the same number, or a recorder could not tell which one counts: final
     * failure comes after a failure, and success, which is only ever told of what is there, after both.
     */
    public static long sequence(int attempt, OutcomeKind outcome) {
        int place = switch (outcome) {
            case IN_PROGRESS -> -1;
            case FAILED -> 0;
            case ERROR -> 1;
            case SUCCEEDED, REJECTED -> 2;
        };
        return attempt * 10L + place;
    }
}
