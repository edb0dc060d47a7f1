package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Forwarder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an operator sees: health, metrics and logs; and what nobody may see. */
class ObservabilityIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final String TENANT = "tenant_not_to_be_counted";

    private static Forwarder broker;
    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        broker = new Forwarder(e2e.host().server().host(), e2e.host().server().port());
        worker = e2e.start(e2e.settings()
                .with("spring.rabbitmq.host", "127.0.0.1")
                .with("spring.rabbitmq.port", String.valueOf(broker.port()))
                .with("logging.structured.format.console", "ecs"));

        worker.awaitStatus("liveness", 200);
        // Nothing consumes yet, because there is no broker.
        worker.awaitStatus("readiness", 503);
        broker.open();
        worker.awaitReady();

        e2e.events();
        runSomeJobs();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static void runSomeJobs() {
        e2e.send(JobJson.of("Add", "observed", e2e.database("observed"))
                .instance("id", "instance-7")
                .instance("tenant", TENANT));
        e2e.events().awaitSuccess("observed");
        e2e.send(JobJson.of("Add", "conflict", e2e.database("observed")));
        e2e.events().awaitError("conflict", "INSTANCE_CONFLICT");
        e2e.publish(JobJson.of("Info", "info", e2e.database("observed")).toString(), "job.info", Map.of());
        e2e.events().awaitSuccess("info");
        e2e.send(JobJson.of("Add", "lost", e2e.database("lost")).server("no-such-server"));
        e2e.events().awaitError("lost", "UNKNOWN_SERVER");
        e2e.publish("no job");
        Await.until("it is kept", () -> e2e.host().ready(EndToEnd.DEAD) == 1);
    }

    @Test
    void aWorkerIsLiveButNotReadyWhileTheBrokerIsUnreachable() throws IOException {
        broker.shut();
        worker.awaitStatus("readiness", 503);
        assertThat(worker.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
        e2e.send(JobJson.of("Status", "while-away", e2e.database("observed")));

        broker.open();

        e2e.events().awaitSuccess("while-away");
        worker.awaitReady();
    }

    @Test
    void jobMetricsHaveOnlyTheTagsOperationOutcomeAndServer() throws IOException {
        String metrics = worker.get("/actuator/prometheus").body();

        assertThat(metrics.lines().filter(line -> line.startsWith("instance_worker_jobs_seconds_count{")))
                .anyMatch(line -> labels(line, "add", "succeeded", "default"))
                .anyMatch(line -> labels(line, "add", "error", "default"))
                .anyMatch(line -> labels(line, "add", "error", "none"))
                .anyMatch(line -> labels(line, "info", "succeeded", "default"))
                .anyMatch(line -> labels(line, "none", "rejected", "none"));
        assertThat(metrics).contains("instance_worker_jobs_running");
        assertThat(metrics).doesNotContain(e2e.database(""), TENANT, "instance-7", "no-such-server");
        Secrets.requireNone(e2e.secrets(), "the metrics", metrics);
    }

    private static boolean labels(String line, String operation, String outcome, String server) {
        return line.contains("operation=\"" + operation + "\"")
                && line.contains("outcome=\"" + outcome + "\"")
                && line.contains("server=\"" + server + "\"");
    }

    @Test
    void jsonLogLinesHaveTheFieldsOfTheirJob() {
        List<JsonNode> lines =
                worker.log().lines().map(JsonMapper.shared()::readTree).toList();

        assertThat(lines).isNotEmpty().allSatisfy(line -> {
            assertThat(line.has("@timestamp")).isTrue();
            assertThat(line.has("message")).isTrue();
        });
        assertThat(lines)
                .filteredOn(line -> line.path("job").asString("").equals("observed"))
                .isNotEmpty()
                .allSatisfy(line -> {
                    assertThat(line.get("instance").asString()).isEqualTo("instance-7");
                    assertThat(line.get("server").asString()).isEqualTo("default");
                    assertThat(line.get("attempt").asString()).isEqualTo("1");
                });
        assertThat(lines)
                .filteredOn(line -> line.path("job").asString("").equals("conflict"))
                .anySatisfy(line -> assertThat(line.get("message").asString()).contains("INSTANCE_CONFLICT"));
    }

    @Test
    void otherEndpointsAreNotAvailable() throws IOException {
        for (String path : List.of("/actuator/env", "/actuator/configprops", "/actuator/beans", "/actuator/heapdump")) {
            assertThat(worker.get(path).statusCode()).as(path).isEqualTo(404);
        }
        Secrets.requireNone(
                e2e.secrets(), "the health", worker.get("/actuator/health").body());
    }
}
