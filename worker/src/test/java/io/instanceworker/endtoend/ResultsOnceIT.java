package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.testing.Forwarder;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job that has ended and whose message comes again is told as it was told, whatever has become of its database meanwhile. */
class ResultsOnceIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(17);

    @TempDir
    static Path folder;

    private static KillPoints killPoints;
    private static Databases databases;
    private static final AtomicInteger fences = new AtomicInteger();
    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        databases = e2e.databases();
        killPoints = new KillPoints(folder);
        worker = startWorker().awaitReady();
        e2e.events();
    }

    private static WorkerProcess startWorker() {
        return e2e.start(settings());
    }

    private static WorkerSettings settings() {
        return killPoints.in(e2e.settings()
                .with("instance-worker.retry.max-attempts", "1")
                .with("instance-worker.servers.default.max-concurrent-jobs", "1"));
    }

    @BeforeEach
    void running() {
        if (!worker.isRunning()) {
            worker = startWorker().awaitReady();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"renamed", "decided", "published"})
    void aRedeliveredAddDoesNotCreateADatabaseAgainThatWasDropped(String point) {
        String jobId = "made-" + point;
        String database = e2e.database("made_" + point);
        dieOf(JobJson.of("Add", jobId, database), point);
        databases.asSuperuser("DROP DATABASE " + Databases.quote(database));

        worker = startWorker();

        assertThat(e2e.events().awaitSuccess(jobId).id()).isEqualTo(jobId + "/1/Created");
        awaitAcknowledged();
        assertThat(databases.exists(database)).isFalse();
        assertThat(terminalIds(jobId)).containsOnly(jobId + "/1/Created");
    }

    @ParameterizedTest
    @ValueSource(strings = {"journal ended", "published"})
    void aJobThatWasPublishedAsFailedDoesNotSucceedAfterACrash(String point) {
        String jobId = "refused-" + point;
        String database = e2e.database("refused_" + point.replace(' ', '_'));
        databases.create(database);
        dieOf(JobJson.of("Add", jobId, database), point);
        databases.asSuperuser("DROP DATABASE " + Databases.quote(database));

        worker = startWorker();

        e2e.events().awaitError(jobId, "INSTANCE_CONFLICT");
        awaitAcknowledged();
        assertThat(databases.exists(database)).isFalse();
        assertThat(terminalIds(jobId)).containsOnly(jobId + "/1/CreateError");
    }

    @ParameterizedTest
    @ValueSource(strings = {"journal ended", "published", "dead-lettered"})
    void aJobWhoseWorkerCrashesBeforeDeadLetteringItIsDeadLettered(String point) {
        String jobId = "kept-" + point;
        String database = e2e.database("kept_" + point.replace(' ', '_'));
        String source = makeInstance("source-" + point.replace(' ', '-'));
        String tablespace = databases.value("SELECT dattablespace FROM pg_database WHERE datname = '" + source + "'");
        setTablespace(source, "999999");
        dieOf(JobJson.of("Copy", jobId, database).source(source), point);
        setTablespace(source, tablespace);

        worker = startWorker();

        e2e.events().awaitError(jobId, "INTERNAL_ERROR");
        awaitAcknowledged();
        assertThat(databases.exists(database)).isFalse();
        assertThat(terminalIds(jobId)).containsOnly(jobId + "/1/CreateError");
        assertThat(e2e.drain(EndToEnd.DEAD))
                .isNotEmpty()
                .allSatisfy(dead -> assertThat(
                                dead.properties().at("/headers/iw-job-id").asString())
                        .isEqualTo(jobId));
    }

    private static String makeInstance(String jobId) {
        String database = e2e.database(jobId.replace('-', '_'));
        e2e.send(JobJson.of("Add", jobId, database));
        e2e.events().awaitSuccess(jobId);
        return database;
    }

    private static void setTablespace(String database, String oid) {
        databases.asSuperuser("UPDATE pg_database SET dattablespace = " + oid + " WHERE datname = '" + database + "'");
    }

    /** The drop was done and not told, and then the same instance was made again by another hand. */
    @Test
    void aRedeliveredDeleteDoesNotDropADatabaseCreatedSince() {
        String database = makeInstance("made-again");
        dieOf(JobJson.of("Delete", "delete-once", database), "dropped");
        makeByAnotherHand(database);

        worker = startWorker();

        Event deleted = e2e.events().awaitSuccess("delete-once");
        assertThat(deleted.data().get("changed").asBoolean())
                .as("the earlier delivery dropped it")
                .isTrue();
        assertThat(databases.exists(database)).isTrue();
    }

    private static void makeByAnotherHand(String database) {
        databases.create(database);
        OwnershipMark later = new OwnershipMark(
                database,
                null,
                "later",
                Operation.ADD,
                null,
                null,
                Instant.now().plusSeconds(60));
        databases.asWorker(
                "postgres",
                "COMMENT ON DATABASE " + Databases.quote(database) + " IS " + Databases.literal(later.toJson()));
    }

    /** Another worker has taken its claim, and its work was undone since. Only the claim says so. */
    @Test
    void aDelayedDeleteDoesNotDropADatabaseCreatedSince() throws Exception {
        String database = makeInstance("made-meanwhile");
        worker.kill();
        try (Forwarder way =
                new Forwarder(e2e.host().server().host(), e2e.host().server().port()).open()) {
            WorkerProcess heldUp = e2e.start(settings().with("spring.rabbitmq.port", String.valueOf(way.port())))
                    .awaitReady();
            killPoints.hold("held-up-delete", "lock");
            e2e.send(JobJson.of("Delete", "held-up-delete", database));
            Await.until("held before the lock", () -> killPoints.isHeld("held-up-delete", "lock"));
            way.cut();
            worker = startWorker();
            e2e.events().awaitSuccess("held-up-delete");
            makeByAnotherHand(database);

            killPoints.release("held-up-delete", "lock");

            heldUp.awaitLog("A job goes back to its queue");
            heldUp.kill(); // else it would receive the jobs of the next test
            assertThat(databases.exists(database)).isTrue();
        }
    }

    /** Publishers use the id of a job once more, to have it done once more. */
    @Test
    void aJobThatIsSentAgainIsDoneAgainEvenIfItsWorkerCrashes() {
        String database = e2e.database("once_more");
        e2e.send(JobJson.of("Add", "once-more", database));
        e2e.events().awaitSuccess("once-more");
        databases.asSuperuser("DROP DATABASE " + Databases.quote(database));
        dieOf(JobJson.of("Add", "once-more", database), "observe");

        worker = startWorker();

        awaitAcknowledged();
        assertThat(databases.exists(database)).isTrue();
    }

    /** Between the next attempt at the broker and the acknowledgement of this one: the job is there twice. */
    @Test
    void aDuplicateMessageOfAJobPublishesTheSameEnd() throws Exception {
        String source = makeInstance("busy");
        String database = e2e.database("twice");
        try (Connection inTheWay = databases.session(source, "in the way")) {
            dieOf(JobJson.of("Copy", "twice", database).source(source), "delayed");
            assertThat(inTheWay.isValid(1)).isTrue();
        }

        worker = startWorker();

        e2e.events().awaitSuccess("twice");
        Await.until("both have ended", () -> terminalIds("twice").size() == 2);
        assertThat(terminalIds("twice").get(0)).isEqualTo(terminalIds("twice").get(1));
    }

    /** It was cut off from the broker, which gave the job to another worker; its connections are new ones by now. */
    @ParameterizedTest
    @ValueSource(strings = {"received", "journal receive", "lock", "observe"})
    void aDelayedWorkerDoesNotRepeatWorkThatWasDoneAndUndone(String point) {
        String jobId = "held-up-" + point;
        String database = e2e.database("held_up_" + point.replace(' ', '_'));
        worker.kill();
        try (Forwarder way =
                new Forwarder(e2e.host().server().host(), e2e.host().server().port()).open()) {
            WorkerProcess heldUp = e2e.start(settings().with("spring.rabbitmq.port", String.valueOf(way.port())))
                    .awaitReady();
            killPoints.hold(jobId, point);
            e2e.send(JobJson.of("Add", jobId, database));
            Await.until("held at " + point, () -> killPoints.isHeld(jobId, point));
            way.cut();
            worker = startWorker().awaitReady();
            // The other worker waits for the lock while this one has it.
            boolean hasLock = point.equals("observe");
            if (hasLock) {
                worker.awaitLog("another job works on the same database");
            } else {
                e2e.events().awaitSuccess(jobId);
                databases.asSuperuser("DROP DATABASE " + Databases.quote(database));
            }

            killPoints.release(jobId, point);

            Await.until("left alone", () -> heldUp.log().contains("A job goes back to its queue"));
            heldUp.kill();
            e2e.events().awaitSuccess(jobId);
            awaitAcknowledged();
            assertThat(databases.exists(database)).isEqualTo(hasLock);
            assertThat(terminalIds(jobId)).containsOnly(jobId + "/1/Created");
        }
    }

    /** Its connections look open, although the broker has given the job to another worker. */
    @Test
    void aWorkerThatDoesNotKnowThatItWasCutOffDoesNotRepeatWork() {
        String jobId = "cut-off";
        String database = e2e.database("cut_off");
        worker.kill();
        try (Forwarder way =
                new Forwarder(e2e.host().server().host(), e2e.host().server().port()).open()) {
            WorkerProcess cutOff = e2e.start(settings().with("spring.rabbitmq.port", String.valueOf(way.port())))
                    .awaitReady();
            killPoints.hold(jobId, "journal receive");
            e2e.send(JobJson.of("Add", jobId, database));
            Await.until("held", () -> killPoints.isHeld(jobId, "journal receive"));
            way.cutOnServersSide();
            worker = startWorker().awaitReady();
            e2e.events().awaitSuccess(jobId);
            databases.asSuperuser("DROP DATABASE " + Databases.quote(database));

            killPoints.release(jobId, "journal receive");

            Await.until("its row is inserted", () -> rows(jobId) == 2);
            way.cut();
            cutOff.awaitLog("A job goes back to its queue");
            cutOff.kill();
            assertThat(databases.exists(database)).isFalse();
            assertThat(rows(jobId)).isEqualTo(1);
            assertThat(terminalIds(jobId)).containsOnly(jobId + "/1/Created");
        }
    }

    private static int rows(String jobId) {
        return databases
                .rows(
                        "journal_of_" + e2e.login().username(),
                        "SELECT run_id FROM job_run WHERE job_id = " + Databases.literal(jobId))
                .size();
    }

    /** Its row is there, but the worker that gets it again cannot reach the server, and lets it wait. */
    @Test
    void aRedeliveredJobThatWaitedForItsServerIsNotDoneAgainAndHasNotFailed() {
        String jobId = "waited-redelivered";
        String database = e2e.database("waited_redelivered");
        dieOf(JobJson.of("Add", jobId, database), "renamed");
        databases.asSuperuser("DROP DATABASE " + Databases.quote(database));
        try (Forwarder way = new Forwarder(e2e.postgres().host(), e2e.postgres().port()).open()) {
            killPoints.hold(jobId, "journal receive");
            WorkerProcess withoutServer = e2e.start(settings()
                    .server("default", "jdbc:postgresql://127.0.0.1:" + way.port() + "/postgres", e2e.login()));
            Await.until("held", () -> killPoints.isHeld(jobId, "journal receive"));
            way.shut();
            killPoints.release(jobId, "journal receive");
            withoutServer.awaitLog("Waits ");
            way.open();

            assertThat(e2e.events().awaitSuccess(jobId).id()).isEqualTo(jobId + "/1/Created");
            awaitAcknowledged();
            withoutServer.kill();
        }
        assertThat(databases.exists(database)).isFalse();
        assertThat(e2e.events().outcomes(jobId)).containsOnly("InProgress", "Succeeded");
        assertThat(terminalIds(jobId)).containsOnly(jobId + "/1/Created");
    }

    private static void dieOf(JobJson job, String point) {
        killPoints.arm(job.jobId(), point);
        e2e.send(job);
        worker.awaitEnd();
    }

    /** The lane has one consumer, so a later job that has ended came after this one's acknowledgement. */
    private static void awaitAcknowledged() {
        String jobId = "fence-" + fences.incrementAndGet();
        e2e.send(JobJson.of("Delete", jobId, e2e.database("nothing")));
        e2e.events().awaitSuccess(jobId);
    }

    private static List<String> terminalIds(String jobId) {
        return e2e.events().of(jobId).stream()
                .filter(Event::isFinal)
                .map(Event::id)
                .toList();
    }
}
