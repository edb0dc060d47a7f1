package io.instanceworker.bench;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Waits for a condition with a step that is small beside what is measured. */
final class Await {

    private static final Duration STEP = Duration.ofMillis(10);

    private Await() {}

    static void until(String what, Duration limit, Callable<Boolean> condition) {
        Awaitility.await(what)
                .pollInSameThread()
                .atMost(limit)
                .pollDelay(Duration.ZERO)
                .pollInterval(STEP)
                .until(condition);
    }

    /** @return false if it did not come true in that time */
    static boolean within(String what, Duration limit, Callable<Boolean> condition) {
        try {
            until(what, limit, condition);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }
}
