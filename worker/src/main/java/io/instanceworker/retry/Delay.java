package io.instanceworker.retry;

import java.time.Duration;

/**
 * How long a message waits.
 *
 * @param tier the wait queue, by its maximum delay
 * @param length the delay of this message, at most the tier; behind another message it may become as long as the tier
 */
public record Delay(Duration tier, Duration length) {}
