package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a job between its attempts.
 *
 * @param attempt the attempt that comes next, from 1
 * @param firstAttempt the attempt that it began with: 1, or a later one after it was sent back from the dead queue
 * @param allowedAttempts the attempt after which the job gives up
 * @param waits how often it has waited before this attempt, or for what became of it to be seen; never less than it was
 * @param deaths how many runs of it came to no end, because their worker was gone before
 * @param begun whether it may have done something already, so that what became of it must be seen before it ends
 * @param ending why it has no further attempt and only waits for what became of it to be seen; null for a job that goes on
 * @param firstReceivedAt when a worker first had it
 * @param firstFailureAt when its first attempt failed
 */
public record Ticket(
        int attempt,
        int firstAttempt,
        int allowedAttempts,
        int waits,
        int deaths,
        boolean begun,
        @Nullable ErrorCode ending,
        Instant firstReceivedAt,
        @Nullable Instant firstFailureAt) {

    Ticket waited(boolean hasBegun) {
        return new Ticket(
                attempt,
                firstAttempt,
                allowedAttempts,
                waits + 1,
                deaths,
                begun || hasBegun,
                ending,
                firstReceivedAt,
                firstFailureAt);
    }

    Ticket failed(int nextAttempt, int nextAllowedAttempts, boolean hasBegun, Instant at) {
        return new Ticket(
                nextAttempt,
                firstAttempt,
                nextAllowedAttempts,
                nextAttempt > attempt ? 0 : waits,
                deaths,
                begun || hasBegun,
                null,
                firstReceivedAt,
                firstFailureAt == null ? at : firstFailureAt);
    }

    Ticket endingWith(ErrorCode code) {
        return new Ticket(
                attempt, firstAttempt, allowedAttempts, waits, deaths, begun, code, firstReceivedAt, firstFailureAt);
    }

    /**
     * @param more runs that came to no end since it was written
     * @param received when a worker first had the job, if that is known
     */
    public Ticket afterDeaths(int more, @Nullable Instant received) {
        return new Ticket(
                attempt,
                firstAttempt,
                allowedAttempts,
                waits,
                deaths + more,
                begun,
                ending,
                received == null ? firstReceivedAt : received,
                firstFailureAt);
    }
}
