package io.instanceworker.observe;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.job.RunningJobs;
import io.instanceworker.job.RunningJobs.RunningJob;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.ServerGuard;
import io.instanceworker.provision.Servers;
import io.instanceworker.settings.WorkerProperties;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The gauges of each server: whether it can be reached, and its jobs that run. They are computed when they are read. */
final class ServerMetrics implements MeterBinder {

    private static final List<ErrorCode> REASONS =
            List.of(ErrorCode.SERVER_UNAVAILABLE, ErrorCode.AUTHENTICATION_FAILED);

    private final Servers servers;
    private final WorkerProperties properties;
    private final RunningJobs running;
    private final Clock clock;

    ServerMetrics(Servers servers, WorkerProperties properties, RunningJobs running, Clock clock) {
        this.servers = servers;
        this.properties = properties;
        this.running = running;
        this.clock = clock;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Server server : servers.all()) {
            bindReachability(registry, server.guard(), Tags.of("server", server.name()));
            WorkerProperties.Server limits = properties.server(server.name());
            bindJobs(registry, server.name(), true, limits.maxConcurrentJobs());
            bindJobs(registry, server.name(), false, limits.maxConcurrentQueries());
        }
    }

    private static void bindReachability(MeterRegistry registry, ServerGuard guard, Tags tags) {
        gauge("server.up", () -> guard.isReachable() && guard.lastContact() != null ? 1 : 0)
                .description("1 while the server answers this worker, 0 while it does not or has not yet")
                .tags(tags)
                .register(registry);
        gauge("server.last.contact.timestamp", () -> epochSeconds(guard.lastContact()))
                .description("When the server answered this worker last, in seconds since 1970; 0 for never")
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
        for (ErrorCode reason : REASONS) {
            gauge("circuit.open", () -> guard.unreachableBecause() == reason ? 1 : 0)
                    .description("1 while the server's jobs wait because this worker cannot reach it for this reason")
                    .tags(tags.and("code", reason.name()))
                    .register(registry);
        }
    }

    private void bindJobs(MeterRegistry registry, String server, boolean changes, int limit) {
        Tags tags = Tags.of("server", server, "kind", changes ? "change" : "query");
        gauge("jobs.running", () -> running(server, changes).count())
                .description("Jobs whose messages were delivered to this worker and are not acknowledged yet")
                .tags(tags)
                .register(registry);
        gauge("jobs.limit", () -> limit)
                .description("How many jobs this worker may run at once")
                .tags(tags)
                .register(registry);
        gauge("oldest.running.job", () -> secondsSinceOldest(running(server, changes)))
                .description("How long ago this worker received the oldest of its running jobs; 0 if none runs")
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
    }

    private static Gauge.Builder<Supplier<Number>> gauge(String name, Supplier<Number> value) {
        return Gauge.builder("instance.worker." + name, value);
    }

    private Stream<RunningJob> running(String server, boolean changes) {
        return running.all().stream()
                .filter(job -> server.equals(job.server()) && job.operation().changesDatabases() == changes);
    }

    private double secondsSinceOldest(Stream<RunningJob> jobs) {
        return jobs.map(RunningJob::since)
                .min(Comparator.naturalOrder())
                .map(since -> Duration.between(since, clock.instant()).toMillis() / 1e3)
                .orElse(0.0);
    }

    private static double epochSeconds(@Nullable Instant instant) {
        return instant == null ? 0 : instant.toEpochMilli() / 1e3;
    }
}
