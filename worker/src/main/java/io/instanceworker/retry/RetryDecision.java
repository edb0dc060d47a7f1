package io.instanceworker.retry;

/** What follows a failed attempt. */
public sealed interface RetryDecision {

    /** Another attempt, after a delay in one of the tiers. */
    record Again(Delay delay, int nextAttempt, int allowedAttempts) implements RetryDecision {}

    /** The error is final: a retry would fail again. */
    record Final() implements RetryDecision {}

    /** A retry might succeed, but the attempts are used up. */
    record Exhausted() implements RetryDecision {}

    /** A retry might succeed, but not before the deadline. */
    record TooLate() implements RetryDecision {}
}
