package io.instanceworker.observe;

import io.github.resilience4j.micrometer.tagged.TaggedCircuitBreakerMetricsPublisher;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.job.JobMonitor;
import io.instanceworker.job.RunningJobs;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Servers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of jobs. The only tags are operation, outcome and configured server. The name of a database or tenant would make
 * a time series for each instance, and show the names to everybody who can read the metrics.
 */
final class JobMetrics implements JobMonitor {

    private static final String NONE = "none";

    private final MeterRegistry registry;

    JobMetrics(MeterRegistry registry, RunningJobs running) {
        this.registry = registry;
        Gauge.builder("instance.worker.jobs.running", running, RunningJobs::count)
                .description("Jobs whose messages were delivered to this worker and are not acknowledged yet")
                .register(registry);
    }

    /** Adds the state of each server's circuit. */
    static void bindCircuits(Servers servers, MeterRegistry registry) {
        TaggedCircuitBreakerMetricsPublisher circuits = new TaggedCircuitBreakerMetricsPublisher(registry);
        servers.all().stream().map(Server::guard).forEach(guard -> circuits.publishMetrics(guard.breaker()));
    }

    @Override
    public void ended(@Nullable Operation operation, OutcomeKind outcome, @Nullable String server, Duration took) {
        Timer.builder("instance.worker.jobs")
                .description("Attempts of jobs by how they ended, and how long they took")
                .tag("operation", operation == null ? NONE : operation.lowerCaseName())
                .tag("outcome", outcome.lowerCaseName())
                .tag("server", server == null ? NONE : server)
                .register(registry)
                .record(took);
        if (outcome == OutcomeKind.FAILED) {
            counter(
                    "instance.worker.job.retries",
                    "Failed attempts that are followed by another attempt",
                    operation,
                    server);
        }
    }

    @Override
    public void waits(Operation operation, String server) {
        counter("instance.worker.job.waits", "How often a job could not start and waited", operation, server);
    }

    private void counter(String name, String description, @Nullable Operation operation, @Nullable String server) {
        Counter.builder(name)
                .description(description)
                .tag("operation", operation == null ? NONE : operation.lowerCaseName())
                .tag("server", server == null || server.isEmpty() ? NONE : server)
                .register(registry)
                .increment();
    }
}
