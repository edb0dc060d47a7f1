package io.instanceworker.observe;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.job.JobMonitor;
import io.instanceworker.provision.Server;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The counters of jobs. The only tags are operation, outcome, error code and configured server. The name of a database or tenant
 * would make a time series for each instance, and show the names to everybody who can read the metrics. All time series exist
 * from the start, because Prometheus does not see the first increase of one that appears with it.
 */
final class JobMetrics implements JobMonitor {

    private static final String NONE = "none";

    /** From a query of a few milliseconds to a copy of an hour. Few, because each is a time series for each set of tags. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(2),
        Duration.ofMinutes(10),
        Duration.ofHours(1)
    };

    private static final List<OutcomeKind> OUTCOMES =
            List.of(OutcomeKind.SUCCEEDED, OutcomeKind.FAILED, OutcomeKind.ERROR, OutcomeKind.REJECTED);

    /** Of a message that names no configured server, or could not be read. */
    private static final List<OutcomeKind> WITHOUT_SERVER = List.of(OutcomeKind.ERROR, OutcomeKind.REJECTED);

    private final MeterProvider<Timer> attempts;
    private final MeterProvider<Counter> failures;
    private final MeterProvider<Counter> deadLetters;
    private final MeterProvider<Counter> redeliveries;
    private final MeterProvider<Counter> waits;

    JobMetrics(MeterRegistry registry, Collection<Server> servers) {
        attempts = Timer.builder("instance.worker.attempts")
                .description("Attempts of jobs by how they ended, and how long they took")
                .serviceLevelObjectives(BUCKETS)
                .withRegistry(registry);
        failures = Counter.builder("instance.worker.failures")
                .description("Attempts without success, by error code")
                .withRegistry(registry);
        deadLetters = Counter.builder("instance.worker.dead.letters")
                .description("Messages that this worker put into the dead queue, by error code")
                .withRegistry(registry);
        redeliveries = Counter.builder("instance.worker.redeliveries")
                .description("Jobs that were delivered again because a worker crashed or lost its connection")
                .withRegistry(registry);
        waits = Counter.builder("instance.worker.waits")
                .description("How often a job could not start and waited")
                .withRegistry(registry);
        servers.forEach(server -> startAtZero(server.name()));
        startAtZero(null);
        attempts(null, OutcomeKind.REJECTED, null);
    }

    private void startAtZero(@Nullable String server) {
        List<OutcomeKind> outcomes = server == null ? WITHOUT_SERVER : OUTCOMES;
        for (Operation operation : Operation.values()) {
            outcomes.forEach(outcome -> attempts(operation, outcome, server));
            if (server != null) {
                byOperation(redeliveries, operation, server);
                byOperation(waits, operation, server);
            }
        }
        for (ErrorCode code : ErrorCode.values()) {
            byCode(failures, code, server);
            byCode(deadLetters, code, server);
        }
    }

    @Override
    public void ended(Attempt attempt) {
        attempts(attempt.operation(), attempt.outcome(), attempt.server()).record(attempt.took());
        ErrorCode error = attempt.error();
        if (error != null) {
            byCode(failures, error, attempt.server()).increment();
            if (attempt.deadLettered()) {
                byCode(deadLetters, error, attempt.server()).increment();
            }
        }
    }

    @Override
    public void redelivered(Operation operation, String server) {
        byOperation(redeliveries, operation, server).increment();
    }

    @Override
    public void waits(Operation operation, String server) {
        byOperation(waits, operation, server).increment();
    }

    private Timer attempts(@Nullable Operation operation, OutcomeKind outcome, @Nullable String server) {
        return attempts.withTags(
                "server",
                nameOf(server),
                "operation",
                operation == null ? NONE : operation.lowerCaseName(),
                "outcome",
                outcome.lowerCaseName());
    }

    private static Counter byOperation(MeterProvider<Counter> counters, Operation operation, String server) {
        return counters.withTags("server", server, "operation", operation.lowerCaseName());
    }

    private static Counter byCode(MeterProvider<Counter> counters, ErrorCode code, @Nullable String server) {
        return counters.withTags("server", nameOf(server), "code", code.name());
    }

    private static String nameOf(@Nullable String server) {
        return server == null ? NONE : server;
    }
}
