package io.instanceworker.retry;

import io.instanceworker.contracts.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How often and after which delay a job is tried again.
 *
 * @param maxAttempts how many attempts a job has
 * @param tiers the possible delays, shortest first; each is a queue
 * @param jitter shortens the delays
 */
public record RetryPolicy(int maxAttempts, List<Duration> tiers, Jitter jitter) {

    /** The highest tier for what is usually over soon: a lock is held, a place is not free, a server restarts. */
    private static final int HIGHEST_WAITING_TIER = 1;

    /** Each try costs others something: a busy source's new logins wait for it, and a full disk is filled again. */
    private static final Set<ErrorCode> SLOWER_EACH_TIME =
            EnumSet.of(ErrorCode.SOURCE_BUSY, ErrorCode.DISK_FULL, ErrorCode.TIMEOUT);

    /** How often a job waits in the shortest tier before it waits in the next. */
    private static final int SHORT_WAITS = 6;

    public RetryPolicy {
        tiers = List.copyOf(tiers);
    }

    /**
     * What follows a failed attempt.
     *
     * @param attempt the attempt that failed, from 1
     * @param allowedAttempts the number of the last attempt, before this failure
     * @param spendsAttempt whether this failure uses up an attempt
     */
    public RetryDecision afterFailure(
            ErrorCode code, int attempt, int allowedAttempts, boolean spendsAttempt, Instant now, Instant deadline) {
        if (!code.retryable()) {
            return new RetryDecision.Final();
        }
        if (spendsAttempt && attempt >= allowedAttempts) {
            return new RetryDecision.Exhausted();
        }
        // Attempts that were not used up, and attempts before a replay, do not lengthen the delay.
        int spentBefore = maxAttempts - (allowedAttempts - attempt) - 1;
        int highest = SLOWER_EACH_TIME.contains(code) ? tiers.size() - 1 : HIGHEST_WAITING_TIER;
        int wanted = spendsAttempt ? Math.max(0, spentBefore) : Math.min(attempt - 1, highest);
        int allowed = spendsAttempt ? allowedAttempts : allowedAttempts + 1;
        return fitting(wanted, now, deadline)
                .<RetryDecision>map(delay -> new RetryDecision.Again(delay, attempt + 1, allowed))
                .orElseGet(RetryDecision.TooLate::new);
    }

    /**
     * How long a job waits that could not start; empty if its deadline is earlier.
     *
     * @param waits how often the job has waited before
     */
    public Optional<Delay> whileWaiting(int waits, Instant now, Instant deadline) {
        return fitting(waitingTier(waits), now, deadline);
    }

    /** How long a job waits whose work may be done, until that can be checked. Its deadline no longer counts. */
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
