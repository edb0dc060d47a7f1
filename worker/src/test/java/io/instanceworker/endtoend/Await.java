package io.instanceworker.endtoend;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How the tests wait: long enough for a slow machine, and no longer than it takes. */
final class Await {

    /** More where others keep the machine busy. */
    private static final Duration LIMIT = Duration.ofSeconds(Integer.getInteger("await-seconds", 90));

    private static final Duration INTERVAL = Duration.ofMillis(25);

    private Await() {}

    static void until(String what, Callable<Boolean> condition) {
        factory(what).until(condition);
    }

    static ConditionFactory factory(String what) {
        return Awaitility.await(what).atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(INTERVAL);
    }
}
