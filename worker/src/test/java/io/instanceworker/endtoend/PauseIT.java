package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An operator pauses a worker and lets it go on; the jobs in hand do not notice. */
class PauseIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    private static final int PROVISION_CONSUMERS = 8;

    private static Databases databases;
    private WorkerProcess worker;

    @BeforeAll
    static void prepare() {
        databases = e2e.databases();
        WorkerProcess first = e2e.start(e2e.settings()).awaitReady();
        e2e.events();
        e2e.send(JobJson.of("Add", "source", e2e.database("source")).instance("tenant", "tenant-1"));
        e2e.events().awaitSuccess("source");
        first.kill();
    }

    @AfterEach
    void end() {
        worker.kill();
    }

    private void start(WorkerSettings settings) {
        worker = e2e.start(settings).awaitReady();
    }

    private static JobJson copy(String jobId) {
        return JobJson.of("Copy", jobId, e2e.database(jobId.replace('-', '_')))
                .instance("id", "instance-7")
                .instance("tenant", "tenant-1")
                .source(e2e.database("source"));
    }

    /** For as long as it is open a copy waits in CREATE DATABASE, which wants a lock on the source. */
    private static Connection holdSource() throws SQLException {
        Connection session = databases.session("postgres", "in the way");
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            statement.execute("COMMENT ON DATABASE " + e2e.database("source") + " IS 'to be rolled back'");
        }
        return session;
    }

    private String state() throws IOException {
        return stateIn(worker.get("/actuator/consumption").body());
    }

    private String post(String action) throws IOException {
        return stateIn(worker.post("/actuator/consumption/" + action).body());
    }

    private static String stateIn(String body) {
        return JsonMapper.shared().readTree(body).path("state").asString(body);
    }

    private JsonNode jobs() throws IOException {
        return worker.jobsInHand();
    }

    private static int consumers(String queue) throws Exception {
        try (com.rabbitmq.client.Connection connection =
                        e2e.host().connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            return channel.queueDeclarePassive(queue).getConsumerCount();
        }
    }

    @Test
    void aPausedWorkerReceivesNoJobsAndFinishesRunningJobs() throws Exception {
        start(e2e.settings());
        Instant before = Instant.now();
        try (Connection inTheWay = holdSource()) {
            e2e.send(copy("held"));
            databases.awaitCreate();

            assertThat(post("pause")).isEqualTo("pausing");
            assertThat(post("pause")).isEqualTo("pausing");
            assertThat(state()).isEqualTo("pausing");
            assertThat(consumers(EndToEnd.PROVISION))
                    .as("a cancelled one counts until its message is acknowledged")
                    .isEqualTo(1);
            assertThat(consumers(EndToEnd.QUERY)).isZero();
            e2e.send(JobJson.of("Add", "queued", e2e.database("queued")));
            e2e.publish(JobJson.of("Status", "asked", e2e.database("source")).toString(), "job.status", Map.of());
            Await.until(
                    "both are queued",
                    () -> e2e.host().ready(EndToEnd.PROVISION) == 1
                            && e2e.host().ready(EndToEnd.QUERY) == 1);

            JsonNode jobs = jobs();
            assertThat(jobs.get("worker").asString()).isEqualTo(worker.name());
            assertThat(jobs.get("consuming").asBoolean()).isFalse();
            assertThat(jobs.get("jobs")).hasSize(1);
            JsonNode job = jobs.get("jobs").get(0);
            assertThat(job.get("jobId").asString()).isEqualTo("held");
            assertThat(job.get("operation").asString()).isEqualTo("Copy");
            assertThat(job.get("server").asString()).isEqualTo("default");
            assertThat(job.at("/instance/id").asString()).isEqualTo("instance-7");
            assertThat(job.at("/instance/tenant").asString()).isEqualTo("tenant-1");
            assertThat(job.get("databaseName").asString()).isEqualTo(e2e.database("held"));
            assertThat(job.get("step").asString()).isEqualTo("create");
            assertThat(job.get("attempt").asInt()).isEqualTo(1);
            assertThat(Instant.parse(job.get("since").asString())).isBetween(before, Instant.now());
            assertMetricsOfTheRunningJob();
            worker.awaitStatus("readiness", 503);
            assertThat(worker.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
            inTheWay.rollback();
        }
        e2e.events().awaitSuccess("held");
        Await.until("it is paused", () -> state().equals("paused"));
        assertThat(jobs().get("jobs")).isEmpty();
        assertThat(post("pause")).isEqualTo("paused");
        assertThat(e2e.host().ready(EndToEnd.PROVISION))
                .as("acknowledged, or it would be ready again")
                .isEqualTo(1);
        assertThat(databases.exists(e2e.database("queued"))).isFalse();

        assertThat(post("resume")).isEqualTo("consuming");
        assertThat(post("resume")).isEqualTo("consuming");
        e2e.events().awaitSuccess("queued");
        e2e.events().awaitSuccess("asked");
        worker.awaitReady();
        assertThat(consumers(EndToEnd.PROVISION)).isEqualTo(PROVISION_CONSUMERS);
        assertThat(e2e.events().outcomes("held")).containsExactly("InProgress", "Succeeded");
    }

    private void assertMetricsOfTheRunningJob() throws IOException {
        Scrape metrics = Scrape.of(worker);
        assertThat(metrics.value("instance_worker_consuming")).isZero();
        assertThat(metrics.value("instance_worker_paused")).isEqualTo(1);
        assertThat(metrics.value("instance_worker_jobs_running", "server=default", "kind=change"))
                .isEqualTo(1);
        assertThat(metrics.value("instance_worker_jobs_running", "server=default", "kind=query"))
                .isZero();
        assertThat(metrics.value("instance_worker_oldest_running_job_seconds", "server=default", "kind=change"))
                .isPositive();
    }

    @Test
    void aWorkerCanBeResumedBeforeTheLastJobHasEnded() throws Exception {
        start(e2e.settings());
        try (Connection inTheWay = holdSource()) {
            e2e.send(copy("goes-on"));
            databases.awaitCreate();
            for (int round = 1; round <= 3; round++) {
                assertThat(post("pause")).isEqualTo("pausing");
                assertThat(post("resume")).isEqualTo("consuming");
                worker.awaitReady();
                e2e.send(JobJson.of("Add", "beside-" + round, e2e.database("beside_" + round)));
                e2e.events().awaitSuccess("beside-" + round);
            }
            // The others are acknowledged after their results.
            Await.until("only the first runs", () -> jobs().get("jobs").size() == 1);
            inTheWay.rollback();
        }
        e2e.events().awaitSuccess("goes-on");
        assertThat(consumers(EndToEnd.PROVISION)).isEqualTo(PROVISION_CONSUMERS);
        assertThat(state()).isEqualTo("consuming");
        worker.awaitReady();
        assertThat(e2e.events().outcomes("goes-on")).containsExactly("InProgress", "Succeeded");
    }

    /** The grace is for a worker that ends. */
    @Test
    void aPauseWaitsForARunningJobWithoutATimeLimit() throws Exception {
        start(e2e.settings().with("instance-worker.shutdown-grace", "1s"));
        try (Connection inTheWay = holdSource()) {
            e2e.send(copy("long"));
            databases.awaitCreate();
            post("pause");
            awaitSeconds(3);
            assertThat(state()).isEqualTo("pausing");
            inTheWay.rollback();
        }
        e2e.events().awaitSuccess("long");
        Await.until("it is paused", () -> state().equals("paused"));
        assertThat(e2e.host().ready(EndToEnd.PROVISION))
                .as("acknowledged, or it would be ready again")
                .isZero();
        assertThat(e2e.events().outcomes("long")).containsExactly("InProgress", "Succeeded");
    }

    @Test
    void aPausedWorkerThatIsStoppedWaitsForItsRunningJobs() throws Exception {
        start(e2e.settings());
        try (Connection inTheWay = holdSource()) {
            e2e.send(copy("last"));
            databases.awaitCreate();
            post("pause");
            worker.terminate();
            awaitSeconds(3);
            assertThat(worker.isRunning()).isTrue();
            assertThat(post("resume")).as("too late").isEqualTo("pausing");
            assertThat(consumers(EndToEnd.PROVISION)).isEqualTo(1);
            inTheWay.rollback();
        }
        assertThat(worker.awaitEnd()).as("ended by SIGTERM").isEqualTo(143);
        e2e.events().awaitSuccess("last");
        assertThat(e2e.host().ready(EndToEnd.PROVISION)).isZero();
    }

    /** By the server's clock, since the CREATE began. */
    private static void awaitSeconds(int seconds) {
        Await.until(
                seconds + " s of a CREATE",
                () -> !databases
                        .value(
                                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE DATABASE %'"
                                        + " AND usename = "
                                        + Databases.literal(e2e.login().username())
                                        + " AND clock_timestamp() - query_start > interval '" + seconds + " s'")
                        .isEmpty());
    }

    @Test
    void pauseIsRefusedToOtherMachines() throws Exception {
        // Much as Spring Boot does by itself on Kubernetes: the peer may say for whom it asks.
        start(e2e.settings()
                .with("management.server.address", "0.0.0.0")
                .with("server.forward-headers-strategy", "native")
                .with("server.tomcat.remoteip.internal-proxies", ".*"));
        assertThat(worker.get("/actuator/jobs").statusCode()).isEqualTo(200);
        assertThat(worker.post("/actuator/consumption/stop").statusCode()).isEqualTo(400);
        assertThat(WorkerProcess.send(worker.request("127.0.0.1", "/actuator/consumption/pause")
                                .header("Origin", "http://localhost")
                                .POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);

        String address = otherAddress();
        for (String path : new String[] {"/actuator/jobs", "/actuator/consumption"}) {
            assertThat(statusOf(worker.request(address, path))).as(path).isEqualTo(403);
            assertThat(statusOf(worker.request(address, path)
                            .header("X-Forwarded-For", "127.0.0.1")
                            .header("Forwarded", "for=127.0.0.1")))
                    .as(path)
                    .isEqualTo(403);
        }
        assertThat(statusOf(worker.request(address, "/actuator/consumption/pause")
                        .header("X-Forwarded-For", "127.0.0.1")
                        .POST(BodyPublishers.noBody())))
                .isEqualTo(403);
        assertThat(statusOf(worker.request(address, "/actuator/%6Aobs"))).isNotEqualTo(200);
        assertThat(state()).isEqualTo("consuming");
        assertThat(statusOf(worker.request(address, "/actuator/health/readiness")))
                .isEqualTo(200);
        assertThat(statusOf(worker.request(address, "/actuator/prometheus"))).isEqualTo(200);
    }

    @Test
    void pauseIsPermittedToOtherMachinesWithTheLoginInTheSettings(@TempDir Path secrets) throws Exception {
        String address = otherAddress();
        Files.writeString(secrets.resolve("instance-worker.remote-control.password"), "Correct-Horse-4711\n");
        e2e.secrets().add("Correct-Horse-4711");
        start(e2e.settings()
                .with("management.server.address", "0.0.0.0")
                .with("instance-worker.remote-control.username", "ops")
                .environment("INSTANCE_WORKER_SECRETS", secrets.toString()));
        HttpResponse<String> refused = WorkerProcess.send(worker.request(address, "/actuator/jobs"));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"instance-worker\"");
        String login = "Basic " + HttpHeaders.encodeBasicAuth("ops", "Correct-Horse-4711", StandardCharsets.UTF_8);
        assertThat(statusOf(worker.request(address, "/actuator/jobs").header("Authorization", login)))
                .isEqualTo(200);
        assertThat(statusOf(worker.request(address, "/actuator/consumption/pause")
                        .header("Authorization", login)
                        .POST(BodyPublishers.noBody())))
                .isEqualTo(200);
        Await.until("it is paused", () -> state().equals("paused"));
        String other = worker.url().replace("127.0.0.1", address);
        String[] resume = {"resume", "--worker", other, "--user", "ops", "--password-file"};
        CommandRun wrong = CommandRun.of(List.of(), with(resume, Files.writeString(secrets.resolve("wrong"), "wrong")));
        assertThat(wrong.exitCode()).isEqualTo(3);
        assertThat(state()).isEqualTo("paused");
        CommandRun right =
                CommandRun.of(List.of(), with(resume, secrets.resolve("instance-worker.remote-control.password")));
        assertThat(right.out()).contains("consuming");
        assertThat(state()).isEqualTo("consuming");
    }

    private static String[] with(String[] words, Path last) {
        return Stream.concat(Stream.of(words), Stream.of(last.toString())).toArray(String[]::new);
    }

    private static int statusOf(HttpRequest.Builder request) throws IOException {
        return WorkerProcess.send(request).statusCode();
    }

    private static String otherAddress() throws IOException {
        Optional<String> address = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(Inet4Address.class::isInstance)
                .filter(a -> !a.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst();
        assumeThat(address)
                .as("this machine has no address but its loopback one")
                .isPresent();
        return address.orElseThrow();
    }
}
