package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.sql.Connection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A job is acknowledged only when everything that follows from it has a place of its own. */
class NothingIsLostIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(12);

    /** What the worker's log says of a result that was confirmed and went nowhere. */
    private static final String UNROUTED = "no queue is bound for it";

    private static Databases databases;
    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), 2);
        startWorker();
        e2e.events();
        e2e.send(JobJson.of("Add", "source", e2e.database("source")));
        e2e.events().awaitSuccess("source");
    }

    @BeforeEach
    void asItShouldBe() throws Exception {
        bindStatus(true);
        if (!worker.isRunning()) {
            startWorker();
        }
    }

    private static void startWorker() {
        worker = e2e.start(e2e.settings()
                        .template("default", "Minimal", e2e.database("tpl"))
                        .with("instance-worker.servers.default.default-template", "Minimal"))
                .awaitReady();
    }

    @Test
    void anAddDoesNotCreateTheDatabaseBeforeInProgressIsConfirmed() throws Exception {
        String database = e2e.database("untold");
        bindStatus(false);
        int before = count(worker.log(), UNROUTED);
        e2e.send(JobJson.of("Add", "untold", database));
        Await.until("it was sent in vain", () -> count(worker.log(), UNROUTED) > before);
        assertThat(databases.exists(database)).isFalse();

        bindStatus(true);

        e2e.events().awaitSuccess("untold");
        assertThat(e2e.events().outcomes("untold")).containsExactly("InProgress", "Succeeded");
    }

    /** The work is done, its result goes nowhere, and then the worker is killed: the next one tells it, once. */
    @Test
    void anUnpublishedResultIsPublishedAfterACrash() throws Exception {
        String database = e2e.database("done");
        int before = count(worker.log(), UNROUTED);
        try (Connection inTheWay = databases.holdUpCopies(e2e.database("source"))) {
            e2e.send(JobJson.of("Copy", "done", database).source(e2e.database("source")));
            e2e.events().awaitProgress("done");
            databases.awaitCreate();
            bindStatus(false);
            assertThat(inTheWay.isValid(1)).isTrue();
        }
        Await.until("it was sent in vain", () -> count(worker.log(), UNROUTED) > before);
        assertThat(databases.exists(database)).isTrue();
        assertThat(e2e.events().outcomes("done")).containsExactly("InProgress");

        worker.kill();
        Await.until("the job comes back", () -> e2e.host().ready(EndToEnd.PROVISION) == 1);
        bindStatus(true);
        startWorker();

        Event created = e2e.events().awaitSuccess("done");
        assertThat(created.id()).isEqualTo("done/1/Created");
        assertThat(created.data().get("changed").asBoolean())
                .as("this job made it")
                .isTrue();
        // A later job of the same lane has gone all the way, and nothing more was told of this one.
        e2e.send(JobJson.of("Add", "after-done", e2e.database("after_done")));
        e2e.events().awaitSuccess("after-done");
        assertThat(e2e.events().outcomes("done")).containsExactly("InProgress", "Succeeded");
        assertThat(e2e.host().ready(EndToEnd.PROVISION)).isZero();
    }

    /** The lock keeps other jobs away, but not an administrator. */
    @Test
    void aDatabaseThatGotTheNameWhileADeleteWaitedForTheBrokerIsNotDropped() throws Exception {
        String database = e2e.database("swapped");
        String renamed = e2e.database("renamed");
        e2e.send(JobJson.of("Add", "swapped", database));
        e2e.events().awaitSuccess("swapped");
        bindStatus(false);
        int before = count(worker.log(), UNROUTED);
        e2e.send(JobJson.of("Delete", "delete-swapped", database));
        Await.until("it was sent in vain", () -> count(worker.log(), UNROUTED) > before);
        databases.asSuperuser("ALTER DATABASE " + Databases.quote(database) + " RENAME TO " + Databases.quote(renamed));
        databases.createTemplate(database, 1);

        bindStatus(true);

        e2e.events().awaitError("delete-swapped", "NOT_MANAGED");
        assertThat(databases.exists(database)).isTrue();
        assertThat(databases.exists(renamed)).isTrue();
    }

    @Test
    void aStoppedWorkerFinishesItsRunningJob() throws Exception {
        String database = e2e.database("in_hand");
        try (Connection inTheWay = databases.holdUpCopies(e2e.database("source"))) {
            e2e.send(JobJson.of("Copy", "in-hand", database).source(e2e.database("source")));
            databases.awaitCreate();

            worker.terminate();

            // RabbitMQ counts the consumer until it has acknowledged.
            Await.until("it takes no more jobs", () -> e2e.host().consumers(EndToEnd.PROVISION) == 1);
            e2e.send(JobJson.of("Add", "too-late", e2e.database("too_late")));
            assertThat(inTheWay.isValid(1)).isTrue();
            assertThat(worker.isRunning()).isTrue();
        }
        Event created = e2e.events().awaitSuccess("in-hand");
        assertThat(created.data().get("worker").asString()).isEqualTo(worker.name());
        assertThat(worker.awaitEnd()).as("ended by SIGTERM").isEqualTo(143);
        // What was not acknowledged would be ready again now; what came too late still is.
        assertThat(e2e.host().ready(EndToEnd.PROVISION)).isEqualTo(1);
        assertThat(e2e.events().outcomes("in-hand")).containsExactly("InProgress", "Succeeded");

        startWorker();
        e2e.events().awaitSuccess("too-late");
    }

    private static void bindStatus(boolean bound) throws Exception {
        try (com.rabbitmq.client.Connection connection =
                        e2e.host().connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            if (bound) {
                channel.queueBind(Events.QUEUE, "instance.events", "#");
            } else {
                channel.queueUnbind(Events.QUEUE, "instance.events", "#");
            }
        }
    }

    private static int count(String text, String part) {
        return text.split(part, -1).length - 1;
    }
}
