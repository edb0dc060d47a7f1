package io.instanceworker.retry;

import io.instanceworker.contracts.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How often and after which delay a job is tried again.
 *
 * @param maxAttempts how many attempts a job has
 * @param tiers the possible delays, shortest first; each is a queue
 * @param jitter takes a part of them away
 */
public record RetryPolicy(int maxAttempts, List<Duration> tiers, Jitter jitter) {

    /** Waiting for what passes soon (a lock, a place, a server that restarts) goes no higher than this tier. */
    private static final int HIGHEST_WAITING_TIER = 1;

    /** How often a job waits on the shortest tier before it goes to the next. */
    private static final int SHORT_WAITS = 6;

    public RetryPolicy {
        tiers = List.copyOf(tiers);
    }

    /**
     * What follows a failed attempt.
     *
     * @param attempt the attempt that failed, from 1
     * @param allowedAttempts how many attempts the job has as things stand
     * @param spendsAttempt whether this failure counts against them
     */
    public RetryDecision afterFailure(
            ErrorCode code, int attempt, int allowedAttempts, boolean spendsAttempt, Instant now, Instant deadline) {
        if (!code.retryable()) {
            return new RetryDecision.Final();
        }
        if (spendsAttempt && attempt >= allowedAttempts) {
            return new RetryDecision.Exhausted();
        }
        // Attempts that were not spent, and those before a replay, are no rungs of the ladder.
        int spentBefore = maxAttempts - (allowedAttempts - attempt) - 1;
        // A source in steady use is tried less and less often, because each try holds up its new logins.
        int highest = code == ErrorCode.SOURCE_BUSY ? tiers.size() - 1 : HIGHEST_WAITING_TIER;
        int wanted = spendsAttempt ? Math.max(0, spentBefore) : Math.min(attempt - 1, highest);
        int allowed = spendsAttempt ? allowedAttempts : allowedAttempts + 1;
        return fitting(wanted, now, deadline)
                .<RetryDecision>map(delay -> new RetryDecision.Again(delay, attempt + 1, allowed))
                .orElseGet(RetryDecision.TooLate::new);
    }

    /**
     * How long a job that could not begin waits; empty if its deadline comes first.
     *
     * @param waits how often it has waited before
     */
    public Optional<Delay> whileWaiting(int waits, Instant now, Instant deadline) {
        return fitting(waitingTier(waits), now, deadline);
    }

    /** The same for a job whose deadline does not matter any more, because it only waits for its end to be found out. */
    public Delay whileUnseen(int waits) {
        return jitter.shorten(tiers.get(Math.min(waitingTier(waits), tiers.size() - 1)));
    }

    private static int waitingTier(int waits) {
        return waits < SHORT_WAITS ? 0 : HIGHEST_WAITING_TIER;
    }

    /** The wanted delay, or the longest shorter one that ends before the deadline. */
    private Optional<Delay> fitting(int wanted, Instant now, Instant deadline) {
        for (int i = Math.min(wanted, tiers.size() - 1); i >= 0; i--) {
            if (now.plus(tiers.get(i)).isBefore(deadline)) {
                return Optional.of(jitter.shorten(tiers.get(i)));
            }
        }
        return Optional.empty();
    }
}
