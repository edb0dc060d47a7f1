package io.instanceworker.retry;

/** What follows a failed attempt. */
public sealed interface RetryDecision {

    /** Another attempt, after a delay in one of the tiers. */
    record Again(Delay delay, int nextAttempt, int allowedAttempts) implements RetryDecision {}

    /** Trying again would change nothing. */
    record Final() implements RetryDecision {}

    /** It might succeed yet, but its attempts are used up. */
    record Exhausted() implements RetryDecision {}

    /** It might succeed yet, but not before its deadline. */
    record TooLate() implements RetryDecision {}
}
