package io.instanceworker.job;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.provision.ServersFactory;
import io.instanceworker.provision.fake.FailingProvisioner;
import io.instanceworker.provision.fake.InMemoryFactory;
import io.instanceworker.provision.fake.InMemoryProvisioner;
import io.instanceworker.retry.Jitter;
import io.instanceworker.retry.RetryPolicy;
import io.instanceworker.settings.WorkerProperties;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A handler with one server, the fake engine, and a clock that stands still. */
final class HandlerBench {

    final FailingProvisioner engine = new FailingProvisioner(new InMemoryProvisioner());
    final List<JobResult.InProgress> begun = new ArrayList<>();
    Instant now = Instant.parse("2026-11-20T10:00:00Z");
    JobHandler handler = handler(false);

    HandlerBench() {
        engine.memory().databases().put("minimal_template", new InMemoryProvisioner.Database());
    }

    void allowUnmanagedDelete(boolean allowed) {
        handler = handler(allowed);
    }

    Verdict handle(Job job) {
        return handle(job, handler.newTicket());
    }

    Verdict handle(Job job, Ticket ticket) {
        return handler.handle(job, ticket, begun::add);
    }

    private JobHandler handler(boolean allowUnmanagedDelete) {
        WorkerProperties.Server server = new WorkerProperties.Server(
                "memory",
                "memory:",
                null,
                null,
                Map.of("Minimal", "minimal_template"),
                null,
                2,
                "Host={host};Port={port};Database={database}",
                allowUnmanagedDelete,
                Map.of());
        WorkerProperties properties = new WorkerProperties(
                "worker-0",
                Map.of("default", server),
                null,
                List.of(),
                "^[A-Za-z_][A-Za-z0-9_-]*$",
                Duration.ofDays(1),
                Duration.ofDays(30),
                new WorkerProperties.Retry(5, List.of(Duration.ofSeconds(5), Duration.ofSeconds(30)), 0.2, 5),
                new WorkerProperties.Lanes(1, 1),
                new WorkerProperties.Sweep(true, Duration.ofHours(1), Duration.ofHours(1), false),
                false,
                Duration.ofMinutes(1),
                true,
                true);
        return new JobHandler(
                new ServersFactory(properties, List.of(new InMemoryFactory("memory", engine)), new ArrayList<>())
                        .create(),
                new RetryPolicy(
                        properties.retry().maxAttempts(),
                        properties.retry().tiers(),
                        new Jitter(properties.retry().jitter(), () -> 0.5)),
                properties.deadline(),
                properties.maxDeadline(),
                properties.name(),
                new NoMonitor(),
                new StandingClock());
    }

    private static final class NoMonitor implements JobMonitor {
        @Override
        public void ended(Operation operation, OutcomeKind outcome, String server, Duration took) {
            // Metrics are not looked at here.
        }

        @Override
        public void waits(Operation operation, String server) {
            // Metrics are not looked at here.
        }
    }

    private final class StandingClock extends Clock {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
