package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import io.instanceworker.testing.QueuedMessage;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A job that ends whoever takes it goes round a few times, and then lies where a person finds it. */
class PoisonIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(15);

    private static final int MAX_DELIVERIES = 2;
    private static final int BROKER_DELIVERY_LIMIT = 50;

    @TempDir
    static Path folder;

    private static KillPoints killPoints;

    private WorkerProcess worker;

    @BeforeAll
    static void prepare() {
        killPoints = new KillPoints(folder);
    }

    @BeforeEach
    void start() {
        worker = startWorker();
        e2e.events();
    }

    @AfterEach
    void stop() {
        worker.kill();
    }

    private static WorkerProcess startWorker() {
        return e2e.start(killPoints
                        .in(e2e.settings())
                        .with("instance-worker.retry.max-deliveries", String.valueOf(MAX_DELIVERIES))
                        .template("default", "Minimal", "template0"))
                .awaitReady();
    }

    @Test
    void aJobThatCrashesItsWorkersIsDeadLetteredWithOneError() throws Exception {
        Databases databases = e2e.databases();
        String source = e2e.database("source");
        String database = e2e.database("poison");
        e2e.send(JobJson.of("Add", "poison-source", source).template("Minimal"));
        e2e.events().awaitSuccess("poison-source");

        JobJson poison = JobJson.of("Copy", "poison", database).source(source);
        try (Connection inTheWay = databases.holdUpCopies(source)) {
            e2e.send(poison);
            for (int delivery = 1; delivery <= MAX_DELIVERIES; delivery++) {
                databases.awaitCreate();
                worker.kill();
                // The next one shall not have to wait for what this one left at the server.
                databases.createPids().forEach(pid -> databases.value("SELECT pg_terminate_backend(" + pid + ")"));
                Await.until("its locks are free", () -> databases.sessions().isEmpty());
                worker = startWorker();
            }
            assertThat(inTheWay.isValid(1)).isTrue();
        }

        Event error = e2e.events().awaitError("poison", "INTERNAL_ERROR");
        assertThat(error.id()).isEqualTo("poison/1/CreateError");
        Await.until("it is kept", () -> e2e.host().ready(EndToEnd.DEAD) == 1);
        assertThat(e2e.drain(EndToEnd.DEAD)).singleElement().satisfies(dead -> {
            assertThat(dead.text()).isEqualTo(poison.toString());
            assertThat(header(dead, "iw-error-code")).isEqualTo("INTERNAL_ERROR");
            assertThat(header(dead, "iw-error-message")).isEqualTo(error.errorMessage());
            assertThat(header(dead, "iw-job-id")).isEqualTo("poison");
            assertThat(dead.properties().get("headers").has("x-death"))
                    .as("by the worker, not by the broker")
                    .isFalse();
        });
        // A later job of the same lane has gone all the way, so whatever was to be told of this one has been.
        e2e.send(JobJson.of("Delete", "after-poison", database));
        e2e.events().awaitSuccess("after-poison");
        assertThat(e2e.events().outcomes("poison")).containsExactly("InProgress", "InProgress", "Error");
        assertThat(e2e.host().ready(EndToEnd.PROVISION)).isZero();
        assertThat(databases.exists(database)).isFalse();
    }

    /** What a dead worker left at the server has the lock for a while, and the job comes back from a tier as a new message. */
    @Test
    void aJobThatCrashesItsWorkersIsDeadLetteredEvenIfItWaitsBetweenCrashes() throws Exception {
        String database = e2e.database("orphaned");
        killPoints.arm("orphaned", "create");
        e2e.send(JobJson.of("Add", "orphaned", database));
        for (int death = 1; death <= MAX_DELIVERIES; death++) {
            worker.awaitEnd();
            if (death == MAX_DELIVERIES) {
                worker = startWorker();
                break;
            }
            killPoints.arm("orphaned", "create");
            try (Connection orphan = e2e.databases().lock(database)) {
                worker = startWorker();
                worker.awaitLog("another job works on the same database");
                assertThat(orphan.isValid(1)).isTrue();
            }
        }

        Event error = e2e.events().awaitError("orphaned", "INTERNAL_ERROR");

        assertThat(error.errorMessage()).contains("given to a worker " + MAX_DELIVERIES + " times");
        Await.until("it is kept", () -> e2e.drain(EndToEnd.DEAD).size() == 1);
        assertThat(e2e.databases().exists(database)).isFalse();
    }

    /** As when the workers end before they have read it, or are none of ours. */
    @Test
    void aJobReturnedTooOftenWithoutAWorkerIsDeadLetteredByTheBroker() {
        worker.kill();
        String body = JobJson.of("Add", "dropped", e2e.database("dropped")).toString();
        e2e.publish(body);
        AtomicInteger taken = new AtomicInteger();

        Await.until(
                "the broker gives up", () -> takeAndDrop(taken) && e2e.host().ready(EndToEnd.DEAD) == 1);

        assertThat(taken).hasValue(BROKER_DELIVERY_LIMIT + 1);
        assertThat(e2e.host().ready(EndToEnd.PROVISION)).isZero();
        assertThat(e2e.drain(EndToEnd.DEAD)).singleElement().satisfies(dead -> {
            assertThat(dead.text()).isEqualTo(body);
            assertThat(dead.properties().at("/headers/x-death/0/reason").asString())
                    .isEqualTo("delivery_limit");
            assertThat(dead.properties().at("/headers/x-death/0/queue").asString())
                    .isEqualTo(EndToEnd.PROVISION);
        });
    }

    /** Each gave it back, say, because the broker was slow: that is no death, and the broker counts it all the same. */
    @Test
    void aJobReturnedTooOftenIsDeadLetteredByTheWorkerBeforeTheBrokersLimit() {
        worker.kill();
        e2e.send(JobJson.of("Add", "unsteady", e2e.database("unsteady")));
        AtomicInteger taken = new AtomicInteger();
        Await.until("it came back often", () -> !takeAndDrop(taken) && taken.get() == BROKER_DELIVERY_LIMIT - 5);

        worker = startWorker();

        Event error = e2e.events().awaitError("unsteady", "INTERNAL_ERROR");
        assertThat(error.errorMessage()).contains("given to a worker " + (BROKER_DELIVERY_LIMIT - 5) + " times");
        Await.until("it is kept", () -> e2e.host().ready(EndToEnd.DEAD) == 1);
        assertThat(e2e.drain(EndToEnd.DEAD)).singleElement().satisfies(dead -> {
            assertThat(header(dead, "iw-error-code")).isEqualTo("INTERNAL_ERROR");
            assertThat(dead.properties().get("headers").has("x-death")).isFalse();
        });
        assertThat(e2e.databases().exists(e2e.database("unsteady"))).isFalse();
    }

    /** @return whether there was nothing to take */
    private static boolean takeAndDrop(AtomicInteger taken) throws Exception {
        try (com.rabbitmq.client.Connection connection = e2e.host().connect();
                Channel channel = connection.createChannel()) {
            GetResponse job = channel.basicGet(EndToEnd.PROVISION, false);
            if (job == null) {
                return true;
            }
            // Every other time it just goes away with it.
            if (taken.incrementAndGet() % 2 == 0) {
                channel.basicReject(job.getEnvelope().getDeliveryTag(), true);
            }
            return false;
        }
    }

    private static String header(QueuedMessage message, String name) {
        return message.properties().at("/headers/" + name).asString();
    }
}
