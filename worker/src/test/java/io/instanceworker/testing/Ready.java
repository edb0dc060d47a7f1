package io.instanceworker.testing;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** Waits until a server that was just started does what it is for. */
public final class Ready {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Throws as long as the server is not ready. */
    public interface Check {
        void run() throws Exception;
    }

    private Ready() {}

    /** Asks again and again; gives up at once when the server is no longer running. */
    public static void await(String server, BooleanSupplier running, Supplier<String> lastWords, Check check) {
        try {
            Awaitility.await(server)
                    .atMost(LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(25))
                    .failFast("it is not running", () -> !running.getAsBoolean())
                    .ignoreExceptions()
                    .until(() -> {
                        check.run();
                        return true;
                    });
        } catch (RuntimeException e) {
            throw new IllegalStateException(server + " did not start; its last words:\n" + lastWords.get(), e);
        }
    }
}
