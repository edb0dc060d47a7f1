package io.instanceworker.testing;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Takes a container where there can be one, else local programs, and says which. */
final class Choice {

    private Choice() {}

    static <S> S start(
            String product, String image, Function<String, ? extends S> container, Supplier<? extends S> local) {
        Optional<String> hindrance = Containers.hindrance(image);
        if (hindrance.isEmpty()) {
            try {
                return timed(product, () -> container.apply(image), "");
            } catch (RuntimeException e) {
                hindrance = Containers.giveUpOn(image, image + " did not start: " + e.getMessage());
            }
        }
        return timed(product, local, " (no container: " + hindrance.orElseThrow() + ")");
    }

    private static <S> S timed(String product, Supplier<? extends S> start, String remark) {
        long before = System.nanoTime();
        S server = start.get();
        Duration took = Duration.ofNanos(System.nanoTime() - before);
        print(product, server + ", ready in " + took.toMillis() + " ms" + remark);
        return server;
    }

    static <S> S print(String product, S server) {
        System.out.println("[test servers] " + product + ": " + server);
        return server;
    }
}
