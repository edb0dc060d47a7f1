package io.instanceworker.bench;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Waits for a condition. */
final class Await {

    /** Small beside what is measured with it. */
    private static final Duration STEP = Duration.ofMillis(10);

    /** For questions to a broker that is under load. */
    private static final Duration RARE = Duration.ofMillis(100);

    private Await() {}

    static void until(String what, Duration limit, Callable<Boolean> condition) {
        until(what, limit, STEP, condition);
    }

    private static void until(String what, Duration limit, Duration step, Callable<Boolean> condition) {
        Awaitility.await(what)
                .pollInSameThread()
                .atMost(limit)
                .pollDelay(Duration.ZERO)
                .pollInterval(step)
                .until(condition);
    }

    /**
     * The same, asking seldom.
     *
     * @return false if it did not come true in that time
     */
    static boolean within(String what, Duration limit, Callable<Boolean> condition) {
        try {
            until(what, limit, RARE, condition);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }
}
