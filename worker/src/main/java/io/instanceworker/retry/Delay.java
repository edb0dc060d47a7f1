package io.instanceworker.retry;

import java.time.Duration;

/**
 * How long a message waits.
 *
 * @param tier the queue in which it waits, by the longest that it can take there
 * @param length how long it is meant to be, at most the tier; behind another message in the same queue it may become the tier
 */
public record Delay(Duration tier, Duration length) {}
