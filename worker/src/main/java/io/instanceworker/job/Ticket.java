package io.instanceworker.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a job between its attempts.
 *
 * @param attempt the attempt that comes next, from 1
 * @param firstAttempt the attempt that it began with: 1, or a later one after it was sent back from the dead queue
 * @param allowedAttempts the attempt after which the job gives up
 * @param waits how often it has waited without an attempt since the last one
 * @param firstReceivedAt when a worker first had it
 * @param firstFailureAt when its first attempt failed
 */
public record Ticket(
        int attempt,
        int firstAttempt,
        int allowedAttempts,
        int waits,
        Instant firstReceivedAt,
        @Nullable Instant firstFailureAt) {

    Ticket waited() {
        return new Ticket(attempt, firstAttempt, allowedAttempts, waits + 1, firstReceivedAt, firstFailureAt);
    }

    Ticket failed(int nextAttempt, int nextAllowedAttempts, Instant at) {
        return new Ticket(
                nextAttempt,
                firstAttempt,
                nextAllowedAttempts,
                0,
                firstReceivedAt,
                firstFailureAt == null ? at : firstFailureAt);
    }
}
