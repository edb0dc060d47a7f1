package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Operation;
import io.instanceworker.endtoend.Scrape.Sample;
import io.instanceworker.testing.Forwarder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final Path SCRAPES = Path.of("target/monitoring");

    /** Labels that Prometheus adds. */
    private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

    /** Made by Prometheus, out of the others. */
    private static final Set<String> RECORDED = Set.of("up", "instance_worker:oldest_waiting_job_seconds");

    private static final Pattern METRIC_ROW =
            Pattern.compile("\\| `(instance_worker_\\w+)` \\| (\\w+) \\| ([^|]*) \\|");
    private static final Pattern PREFIX_ROW = Pattern.compile("\\| `(\\w+_)\\*` \\|");

    private static Forwarder broker;
    private static WorkerProcess worker;

    @BeforeAll
    static void start() throws IOException {
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
        keep("worker-before.txt", worker.get("/actuator/prometheus"));
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
    void jobMetricsHaveNoLabelsFromMessages() throws IOException {
        String text = worker.get("/actuator/prometheus").body();
        Scrape metrics = Scrape.of(text);

        assertThat(attempts(metrics, "default", "add", "succeeded")).isEqualTo(1);
        assertThat(attempts(metrics, "default", "add", "error")).isEqualTo(1);
        assertThat(attempts(metrics, "default", "info", "succeeded")).isEqualTo(1);
        assertThat(attempts(metrics, "none", "add", "error")).isEqualTo(1);
        assertThat(attempts(metrics, "none", "none", "rejected")).isEqualTo(1);
        assertThat(byCode(metrics, "failures", "default", "INSTANCE_CONFLICT")).isEqualTo(1);
        assertThat(byCode(metrics, "failures", "none", "UNKNOWN_SERVER")).isEqualTo(1);
        assertThat(byCode(metrics, "dead_letters", "none", "MALFORMED_MESSAGE")).isEqualTo(1);
        assertThat(byCode(metrics, "dead_letters", "none", "UNKNOWN_SERVER")).isZero();
        assertThat(text).doesNotContain(e2e.database(""), TENANT, "instance-7", "no-such-server");
        Secrets.requireNone(e2e.secrets(), "the metrics", text);
    }

    @Test
    void everyJobMetricIsThereBeforeItCountsAnything() throws IOException {
        Scrape metrics = Scrape.of(worker);

        for (Operation operation : Operation.values()) {
            for (String outcome : List.of("succeeded", "failed", "error", "rejected")) {
                assertThat(attempts(metrics, "default", operation.lowerCaseName(), outcome))
                        .isNotNegative();
            }
        }
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(byCode(metrics, "failures", "default", code.name())).isNotNegative();
            assertThat(byCode(metrics, "dead_letters", "default", code.name())).isNotNegative();
        }
        assertThat(attempts(metrics, "default", "copy", "failed")).isZero();
    }

    private static double attempts(Scrape metrics, String server, String operation, String outcome) {
        return metrics.value(
                "instance_worker_attempts_seconds_count",
                "server=" + server,
                "operation=" + operation,
                "outcome=" + outcome);
    }

    private static double byCode(Scrape metrics, String counter, String server, String code) {
        return metrics.value("instance_worker_" + counter + "_total", "server=" + server, "code=" + code);
    }

    @Test
    void theDocumentNamesExactlyTheMetricsThatThereAre() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        Set<String> prefixes = new TreeSet<>();
        for (String line : MonitoringFiles.document().lines().toList()) {
            Matcher metric = METRIC_ROW.matcher(line);
            if (metric.lookingAt()) {
                documented.put(metric.group(1), metric.group(2) + " " + labels(metric.group(3)));
            }
            Matcher prefix = PREFIX_ROW.matcher(line);
            if (prefix.lookingAt()) {
                prefixes.add(prefix.group(1));
            }
        }
        Scrape metrics = Scrape.of(worker);
        Map<String, String> own = new TreeMap<>();
        Set<String> usedPrefixes = new TreeSet<>();
        metrics.types().forEach((name, type) -> {
            if (name.startsWith("instance_worker_")) {
                own.put(name, type + " " + metrics.labels(name));
            } else {
                usedPrefixes.add(
                        prefixes.stream().filter(name::startsWith).findFirst().orElse("none for " + name));
            }
        });
        assertThat(documented).isEqualTo(own);
        assertThat(prefixes).isEqualTo(usedPrefixes);
    }

    private static Set<String> labels(String cell) {
        Set<String> labels = new TreeSet<>(List.of(cell.replace("`", "").strip().split(", ", -1)));
        labels.remove("");
        return labels;
    }

    @Test
    void alertsAndDashboardUseOnlyMetricsAndLabelsThatThereAre() throws IOException {
        URI broker = e2e.host()
                .server()
                .metricsUrl()
                .orElseGet(() -> abort("the address of the given broker's Prometheus plugin is not known"));
        // For RabbitMQ's counters of the consumers, which end with their channels.
        e2e.send(JobJson.of("Status", "counted", e2e.database("observed")));
        e2e.events().awaitSuccess("counted");

        // RabbitMQ publishes its counters every five seconds.
        Await.factory("everything is there").pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            List<Sample> samples = new ArrayList<>(Scrape.of(worker).samples());
            samples.addAll(
                    Scrape.of(broker.resolve(MonitoringFiles.brokerMetrics())).samples());
            assertThat(MonitoringFiles.expressions())
                    .isNotEmpty()
                    .allSatisfy((name, expression) -> requireThere(PromQl.parse(expression), samples));
        });
        keep("worker.txt", worker.get("/actuator/prometheus"));
        keep("broker.txt", WorkerProcess.send(HttpRequest.newBuilder(broker.resolve(MonitoringFiles.brokerMetrics()))));
    }

    /** For {@code .ci/monitoring/run}, which gives them to a real Prometheus. */
    private static void keep(String name, HttpResponse<String> scrape) throws IOException {
        Files.createDirectories(SCRAPES);
        Files.writeString(SCRAPES.resolve(name), scrape.body());
    }

    private static void requireThere(PromQl expression, List<Sample> samples) {
        Set<String> labels = new HashSet<>(OF_PROMETHEUS);
        for (PromQl.Selector selector : expression.selectors()) {
            List<Sample> selected = samples.stream()
                    .filter(sample -> selector.selects(sample.name(), withLabelsOfPrometheus(sample)))
                    .toList();
            assertThat(selected.isEmpty() && !RECORDED.contains(selector.metric()))
                    .as("nothing is " + selector)
                    .isFalse();
            selected.forEach(sample -> labels.addAll(sample.labels().keySet()));
        }
        if (expression.selectors().stream().noneMatch(selector -> RECORDED.contains(selector.metric()))) {
            assertThat(labels).containsAll(expression.groupingLabels());
        }
    }

    private static Map<String, String> withLabelsOfPrometheus(Sample sample) {
        Map<String, String> labels = new HashMap<>(sample.labels());
        OF_PROMETHEUS.forEach(label -> labels.put(label, "any"));
        return labels;
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
