package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Forwarder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Each server has its own backlog: whichever way a job comes in, and whatever another server's state is. */
class SeveralServersIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    private static final String DEFAULT_PROVISION = "instance.jobs.provision.default";
    private static final String DEFAULT_QUERY = "instance.jobs.query.default";
    private static final String OTHER_PROVISION = "instance.jobs.provision.other";
    private static final String OTHER_QUERY = "instance.jobs.query.other";

    @TempDir
    Path folder;

    private KillPoints points;
    private Forwarder way;
    private WorkerProcess worker;

    @BeforeEach
    void start() {
        points = new KillPoints(folder);
        way = new Forwarder(e2e.postgres().host(), e2e.postgres().port());
    }

    @AfterEach
    void stop() {
        worker.kill();
        way.close();
    }

    /** With a server "other" that refuses connections until the way to it is opened. */
    private void startWithTwoServers() {
        String url = "jdbc:postgresql://127.0.0.1:" + way.port() + "/postgres";
        worker = e2e.start(points.in(e2e.settings())
                        .server("other", url, e2e.login())
                        .connectTimeoutSeconds("other", 1)
                        .with("instance-worker.servers.other.max-concurrent-jobs", "2")
                        .with("instance-worker.default-server", "default"))
                .awaitReady();
        e2e.events();
    }

    private static JobJson add(String jobId, String server) {
        return JobJson.of("Add", jobId, e2e.database(jobId.replace('-', '_'))).server(server);
    }

    private static JobJson status(String jobId, String server) {
        return JobJson.of("Status", jobId, e2e.database("absent")).server(server);
    }

    private static void publishTo(String queue, JobJson job) {
        e2e.host().server().management().publish(e2e.host().name(), "", queue, job.toString());
    }

    private void awaitUnreachable() throws Exception {
        worker.awaitLog("The server other cannot be used");
    }

    @Test
    void aRoutingKeyWithAServerRoutesToThatServersQueue() throws Exception {
        startWithTwoServers();
        worker.post("/actuator/consumption/pause");
        Await.until(
                "it is paused", () -> worker.get("/actuator/consumption").body().contains("paused"));

        e2e.publish(add("key-add", "other").toString(), "job.add.other", Map.of());
        e2e.publish(status("key-status", "other").toString(), "job.status.other", Map.of());
        e2e.publish(add("key-default", "default").toString(), "job.add.default", Map.of());
        e2e.publish(status("key-query", "default").toString(), "job.status.default", Map.of());

        Await.until(
                "each is in its queue",
                () -> List.of(OTHER_PROVISION, OTHER_QUERY, DEFAULT_PROVISION, DEFAULT_QUERY).stream()
                        .allMatch(queue -> e2e.host().ready(queue) == 1));
        way.open();
        worker.post("/actuator/consumption/resume");
        List.of("key-add", "key-status", "key-default", "key-query")
                .forEach(job -> e2e.events().awaitSuccess(job));
        assertThat(e2e.events().of("key-add"))
                .allMatch(e -> e.data().get("server").asString().equals("other"));
    }

    @Test
    void jobsOfAnUnreachableServerDelayNoOtherServersJobsAndAreDoneLater() throws Exception {
        startWithTwoServers();
        awaitUnreachable();
        List<String> waiting = IntStream.range(0, 10).mapToObj(i -> "dead-" + i).toList();
        waiting.forEach(job -> e2e.send(add(job, "other")));
        IntStream.range(0, 3).forEach(i -> e2e.send(status("dead-status-" + i, "other")));

        for (int i = 0; i < 5; i++) {
            e2e.send(add("healthy-" + i, "default"));
            e2e.publish(add("keyed-" + i, "default").toString(), "job.add.default", Map.of());
            e2e.send(status("healthy-status-" + i, "default"));
            e2e.events().awaitSuccess("healthy-" + i);
            e2e.events().awaitSuccess("keyed-" + i);
            e2e.events().awaitSuccess("healthy-status-" + i);
        }
        assertThat(waiting).allSatisfy(job -> assertThat(e2e.events().of(job)).isEmpty());

        way.open();

        waiting.forEach(job -> assertThat(e2e.events().awaitSuccess(job).attempt())
                .as("no attempt is burned")
                .isEqualTo(1));
        IntStream.range(0, 3).forEach(i -> e2e.events().awaitSuccess("dead-status-" + i));
    }

    @Test
    void aJobInAnotherServersQueueIsMovedToItsServersQueue() {
        startWithTwoServers();
        points.hold("wrong-server", "moved");
        points.hold("wrong-kind", "moved");

        publishTo(OTHER_PROVISION, add("wrong-server", "default"));
        publishTo(DEFAULT_PROVISION, status("wrong-kind", "default"));

        e2e.events().awaitSuccess("wrong-server");
        e2e.events().awaitSuccess("wrong-kind");
        assertThat(points.isHeld("wrong-server", "moved")).isTrue();
        assertThat(points.isHeld("wrong-kind", "moved")).isTrue();
        points.release("wrong-server", "moved");
        points.release("wrong-kind", "moved");
    }

    /** It was sent on, but not acknowledged: it is in two queues now. */
    @Test
    void aJobWhoseWorkerCrashesAfterMovingItIsDoneOnce() {
        startWithTwoServers();
        way.open();
        points.arm("moved-twice", "moved");

        e2e.send(add("moved-twice", "default"));
        worker.awaitEnd();
        startWithTwoServers();

        e2e.events().awaitSuccess("moved-twice");
        Await.until(
                "both messages are done",
                () -> e2e.host().ready(EndToEnd.PROVISION) == 0
                        && e2e.host().ready(DEFAULT_PROVISION) == 0
                        && worker.jobsInHand().get("jobs").isEmpty());
        assertThat(e2e.events().of("moved-twice").stream().filter(Event::isFinal))
                .extracting(Event::id)
                .containsOnly("moved-twice/1/Created");
        assertThat(e2e.databases().mark(e2e.database("moved_twice")).jobId()).isEqualTo("moved-twice");
    }

    @Test
    void withOneServerAQueryInTheProvisionQueueIsMovedToTheQueryQueue() {
        worker = e2e.start(points.in(e2e.settings())).awaitReady();
        e2e.events();
        points.hold("query-there", "moved");

        publishTo(EndToEnd.PROVISION, JobJson.of("Status", "query-there", e2e.database("absent")));

        e2e.events().awaitSuccess("query-there");
        assertThat(points.isHeld("query-there", "moved")).isTrue();
        points.release("query-there", "moved");
        // Killed before its acknowledgement, it would leave the message to the next test.
        worker.terminate();
        assertThat(worker.awaitEnd()).isEqualTo(143);
    }
}
