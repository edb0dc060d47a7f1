package io.instanceworker.endtoend;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** What went wrong when, as it is printed. */
final class ChaosTimeline {

    private final Instant start = Instant.now();
    private final Map<ChaosFault.Kind, Integer> counts = new EnumMap<>(ChaosFault.Kind.class);

    Instant start() {
        return start;
    }

    void say(String what) {
        Duration since = Duration.between(start, Instant.now());
        System.out.printf("%7.1f s  %s%n", since.toMillis() / 1_000.0, what);
    }

    synchronized void happened(ChaosFault fault) {
        counts.merge(fault.kind(), 1, Integer::sum);
        say(fault.toString());
    }

    synchronized Map<ChaosFault.Kind, Integer> counts() {
        return new EnumMap<>(counts);
    }
}
