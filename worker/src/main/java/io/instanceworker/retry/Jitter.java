package io.instanceworker.retry;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Shortens delays at random, so that jobs that failed at the same time are not all retried at the same time.
 *
 * @param share the largest part by which a delay is shortened, from 0 to less than 1
 * @param random returns numbers from 0 to less than 1
 */
public record Jitter(double share, DoubleSupplier random) {

    Delay shorten(Duration tier) {
        double part = 1 - share * random.getAsDouble();
        return new Delay(tier, Duration.ofMillis(Math.max(1, Math.round(tier.toMillis() * part))));
    }
}
