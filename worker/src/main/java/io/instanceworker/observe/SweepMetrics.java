package io.instanceworker.observe;

import io.instanceworker.provision.Server;
import io.instanceworker.sweep.SweepMonitor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Locale;

/** Leftovers as numbers, by server only. */
final class SweepMetrics implements SweepMonitor {

    private final MeterProvider<Counter> leftovers;

    SweepMetrics(MeterRegistry registry, Collection<Server> servers) {
        leftovers = Counter.builder("instance.worker.sweep.leftovers")
                .description("Databases left unfinished and old enough for the sweep, by what the sweep did with them")
                .withRegistry(registry);
        for (Server server : servers) {
            for (Outcome outcome : Outcome.values()) {
                counter(server.name(), outcome);
            }
        }
    }

    @Override
    public void swept(String server, Outcome outcome) {
        counter(server, outcome).increment();
    }

    private Counter counter(String server, Outcome outcome) {
        return leftovers.withTags("server", server, "outcome", outcome.name().toLowerCase(Locale.ROOT));
    }
}
