package io.instanceworker.observe;

import io.instanceworker.sweep.SweepMonitor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Leftovers as numbers, by server only. */
final class SweepMetrics implements SweepMonitor {

    private final MeterRegistry registry;

    SweepMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void swept(String server, Outcome outcome) {
        Counter.builder("instance.worker.sweep.leftovers")
                .description("Databases left unfinished and old enough for the sweep, by what the sweep did with them")
                .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .tag("server", server)
                .register(registry)
                .increment();
    }
}
