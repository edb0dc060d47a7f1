package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several workers at the same queues: whatever they do at the same moment, there is one database and it is right. */
class TwoWorkersIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(14);

    private static final int ROUNDS = 8;

    /** What the worker's log says of a job that waits for a lock. */
    private static final String LOCKED = "another job works on the same database";

    private static Databases databases;
    private static final List<WorkerProcess> workers = new ArrayList<>();

    @BeforeAll
    static void start() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), 500);
    }

    @BeforeEach
    void ready() {
        workers.removeIf(worker -> !worker.isRunning());
        while (workers.size() < 2) {
            // Fewer than there are jobs, so that one worker alone cannot take them all at once.
            workers.add(e2e.start(e2e.settings()
                    .template("default", "Minimal", e2e.database("tpl"))
                    .with("instance-worker.servers.default.max-concurrent-jobs", "2")));
        }
        workers.forEach(WorkerProcess::awaitReady);
        e2e.events();
    }

    @Test
    void twoWorkersDoADuplicateJobOnce() {
        for (int i = 0; i < ROUNDS; i++) {
            JobJson job =
                    JobJson.of("Add", "same-" + i, e2e.database("same_" + i)).template("Minimal");
            e2e.send(job);
            e2e.send(job);
        }

        for (int i = 0; i < ROUNDS; i++) {
            String jobId = "same-" + i;
            Await.until("two answers to " + jobId, () -> ends(jobId).size() == 2);
            // The second is the same event, for a recorder to drop.
            assertThat(ends(jobId)).extracting(Event::id).containsOnly(jobId + "/1/Created");
            assertThat(ends(jobId))
                    .extracting(e -> e.data().get("changed").asBoolean())
                    .containsOnly(true);
            assertThat(databases.mark(e2e.database("same_" + i)).jobId()).isEqualTo(jobId);
            assertThat(databases.schools(e2e.database("same_" + i))).hasSize(500);
        }
        assertThat(databases.staging()).isEmpty();
    }

    private static List<Event> ends(String jobId) {
        return e2e.events().of(jobId).stream().filter(Event::isFinal).toList();
    }

    @Test
    void twoWorkersGiveANameToOnlyOneInstance() {
        for (int i = 0; i < ROUNDS; i++) {
            for (String who : List.of("red", "blue")) {
                e2e.send(JobJson.of("Add", who + "-" + i, e2e.database("contested_" + i))
                        .instance("id", who)
                        .template("Minimal"));
            }
        }

        Set<String> winners = new HashSet<>();
        for (int i = 0; i < ROUNDS; i++) {
            Event red = e2e.events().awaitEnd("red-" + i);
            Event blue = e2e.events().awaitEnd("blue-" + i);
            String winner = databases.mark(e2e.database("contested_" + i)).instanceId();
            Event won = winner.equals("red") ? red : blue;
            Event lost = winner.equals("red") ? blue : red;
            assertThat(won.outcome()).isEqualTo("Succeeded");
            assertThat(lost.outcome()).isEqualTo("Error");
            assertThat(lost.errorCode()).isEqualTo("INSTANCE_CONFLICT");
            assertThat(lost.errorMessage()).contains('"' + winner + '"');
            assertThat(databases.schools(e2e.database("contested_" + i))).hasSize(500);
            winners.add(winner);
        }
        assertThat(winners).isNotEmpty();
        assertThat(databases.staging()).isEmpty();
    }

    @Test
    void twoWorkersCopyOneTemplateManyTimesAtOnce() {
        long waits = waitsForALock();
        List<String> names =
                IntStream.range(0, ROUNDS).mapToObj(i -> "many_" + i).toList();
        for (String name : names) {
            JobJson job = JobJson.of(name.hashCode() % 2 == 0 ? "Add" : "Copy", name, e2e.database(name));
            e2e.send(name.hashCode() % 2 == 0 ? job.template("Minimal") : job.source(e2e.database("tpl")));
        }

        names.forEach(name -> e2e.events().awaitSuccess(name));
        List<String> rows = databases.schools(e2e.database("tpl"));
        assertThat(names)
                .allSatisfy(name ->
                        assertThat(databases.schools(e2e.database(name))).isEqualTo(rows));
        assertThat(waitsForALock()).as("none has to wait for another").isEqualTo(waits);
        Set<String> busy = new HashSet<>();
        e2e.events().all().forEach(event -> busy.add(event.data().get("worker").asString()));
        assertThat(busy).as("several had a share in it").hasSizeGreaterThan(1);
    }

    private static long waitsForALock() {
        return workers.stream()
                .flatMap(worker -> worker.log().lines())
                .filter(line -> line.contains(LOCKED))
                .count();
    }

    private static boolean isProgressOfAnother(Event event, String victim) {
        return event.outcome().equals("InProgress")
                && !event.data().get("worker").asString().equals(victim);
    }

    /** The server goes on with the statement of a worker that is killed, and its session holds the lock. */
    @Test
    void aWorkerEndsTheSessionOfACrashedWorkerThatCreatesADatabase() throws Exception {
        String source = e2e.database("killed_source");
        String database = e2e.database("killed");
        e2e.send(JobJson.of("Add", "killed-source", source).template("Minimal"));
        e2e.events().awaitSuccess("killed-source");
        try (Connection inTheWay = databases.holdUpCopies(source)) {
            e2e.send(JobJson.of("Copy", "killed", database).source(source));
            databases.awaitCreate();
            String victim =
                    e2e.events().awaitProgress("killed").data().get("worker").asString();
            String orphan = databases.createPids().get(0);

            workers.stream().filter(worker -> worker.name().equals(victim)).forEach(WorkerProcess::kill);

            e2e.events()
                    .await("the other worker is in progress", "killed", event -> isProgressOfAnother(event, victim));
            Await.until(
                    "the session of the killed worker has ended",
                    () -> !databases.createPids().contains(orphan));
            assertThat(databases.exists(database)).isFalse();
            assertThat(inTheWay.isValid(1)).isTrue();
        }

        Event created = e2e.events().awaitSuccess("killed");

        assertThat(created.id()).isEqualTo("killed/1/Created");
        assertThat(databases.schools(database)).hasSize(500).isEqualTo(databases.schools(source));
        assertThat(databases.mark(database).jobId()).isEqualTo("killed");
        assertThat(databases.staging()).isEmpty();
    }

    @Test
    void aRedeliveredDeleteDoesNotDropADatabaseThatNowBelongsToAnotherInstance() {
        String database = e2e.database("reborn");
        e2e.send(JobJson.of("Add", "first-life", database).instance("id", 1));
        e2e.events().awaitSuccess("first-life");
        JobJson delete = JobJson.of("Delete", "delete-first", database).instance("id", 1);
        e2e.send(delete);
        e2e.events().awaitSuccess("delete-first");
        e2e.send(JobJson.of("Add", "second-life", database).instance("id", 2));
        e2e.events().awaitSuccess("second-life");

        // As when its worker was killed between the drop and the acknowledgement.
        e2e.send(delete);

        Event refused =
                e2e.events().await("a refusal", "delete-first", e -> e.outcome().equals("Error"));
        assertThat(refused.errorCode()).isEqualTo("INSTANCE_CONFLICT");
        assertThat(databases.mark(database).instanceId()).isEqualTo("2");
        assertThat(Stream.of("first-life", "second-life").flatMap(j -> e2e.events().of(j).stream()))
                .noneMatch(e -> e.outcome().equals("Error"));
    }
}
