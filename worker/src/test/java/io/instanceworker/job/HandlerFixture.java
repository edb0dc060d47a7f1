package io.instanceworker.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.provision.Servers;
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
final class HandlerFixture {

    static final JobDelivery FIRST = new JobDelivery("00", false, false, true, 0, Carried.NOTHING);

    final FailingProvisioner engine = new FailingProvisioner(new InMemoryProvisioner());
    final List<JobResult.InProgress> started = new ArrayList<>();
    final List<JobResult.InProgress> confirmed = new ArrayList<>();

    /** Events with progress. */
    final List<JobResult.InProgress> progress = new ArrayList<>();

    /** Those of them that were not given up at the last moment. */
    final List<JobResult.InProgress> sentProgress = new ArrayList<>();

    Runnable whenProgress = () -> {};
    Runnable whenConfirmed = () -> {};
    Instant now = Instant.parse("2026-11-20T10:00:00Z");
    Servers servers;
    JobHandler handler = handler(new Allowed(false, false, WorkerProperties.DeleteMode.DROP, List.of(), false));

    HandlerFixture() {
        engine.memory().databases().put("minimal_template", new InMemoryProvisioner.Database());
    }

    void allowUnmanagedDelete(boolean allowed) {
        handler = handler(new Allowed(allowed, false, WorkerProperties.DeleteMode.DROP, List.of(), false));
    }

    void allowAdopt() {
        handler = handler(new Allowed(false, true, WorkerProperties.DeleteMode.DROP, List.of(), false));
    }

    /** From now on a Delete, also of an unmanaged database, puts it into the trash. */
    void useTrash() {
        handler = handler(new Allowed(true, false, WorkerProperties.DeleteMode.TRASH, List.of(), false));
    }

    void allowDatabases(String... patterns) {
        handler = handler(new Allowed(false, false, WorkerProperties.DeleteMode.DROP, List.of(patterns), false));
    }

    void allowCopyBetweenTenants() {
        handler = handler(new Allowed(false, false, WorkerProperties.DeleteMode.DROP, List.of(), true));
    }

    Disposition handle(Job job) {
        return handle(job, FIRST);
    }

    Disposition handle(Job job, JobDelivery delivery) {
        return handler.handle(job, delivery, new Observer());
    }

    private final class Observer implements JobObserver {
        @Override
        public Confirmation starts(JobResult.InProgress event) {
            started.add(event);
            return () -> {
                whenConfirmed.run();
                confirmed.add(event);
            };
        }

        @Override
        public void progress(JobResult.InProgress event, Runnable beforeSending) {
            progress.add(event);
            whenProgress.run();
            beforeSending.run();
            sentProgress.add(event);
        }
    }

    /** A message that comes back from a wait queue. */
    static JobDelivery back(Carried carried) {
        return new JobDelivery("00", false, true, false, 0, carried);
    }

    /** A message that a worker had, and did not acknowledge. */
    static JobDelivery redelivered(int attempt, int times, Duration waited) {
        return new JobDelivery("00", true, false, false, times, carried(attempt, waited));
    }

    static Carried carried(int attempt, Duration waited) {
        return new Carried(null, new Progress(attempt, 5, 0, null), waited);
    }

    void awaitReachable() {
        assertThat(servers.named(null).guard().awaitReachable(Duration.ofSeconds(30)))
                .isTrue();
    }

    /** The settings of the server that allow something. */
    private record Allowed(
            boolean unmanagedDelete,
            boolean adopt,
            WorkerProperties.DeleteMode delete,
            List<String> databases,
            boolean copyBetweenTenants) {}

    private JobHandler handler(Allowed allowed) {
        WorkerProperties.Server server = new WorkerProperties.Server(
                "memory",
                "memory:",
                null,
                null,
                Map.of("Minimal", "minimal_template"),
                null,
                2,
                2,
                "instance_worker",
                "Host={host};Port={port};Database={database}",
                allowed.unmanagedDelete(),
                allowed.adopt(),
                allowed.delete(),
                Duration.ofDays(7),
                allowed.databases(),
                allowed.copyBetweenTenants(),
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
                new WorkerProperties.Sweep(true, Duration.ofHours(1), Duration.ofHours(1), false, Duration.ofDays(30)),
                null,
                Duration.ofMinutes(1),
                "reply\\..*",
                true,
                List.of());
        servers = new ServersFactory(properties, List.of(new InMemoryFactory("memory", engine)), new ArrayList<>())
                .create((name, password) -> () -> password)
                .start();
        return new JobHandler(
                servers,
                new JobHandler.Policy(
                        properties.name(),
                        new RetryPolicy(
                                properties.retry().maxAttempts(),
                                properties.retry().tiers(),
                                new Jitter(properties.retry().jitter(), () -> 0.5)),
                        properties.deadline(),
                        properties.maxDeadline(),
                        properties.retry().maxDeliveries()),
                new NoMonitor(),
                new StandingClock());
    }

    private static final class NoMonitor implements JobMonitor {
        @Override
        public void ended(Attempt attempt) {
            // Metrics are not looked at here.
        }

        @Override
        public void redelivered(Operation operation, String server) {
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
