package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** SIGTERM in the middle of a copy that takes a while because there is much to copy. */
class ShutdownIT {

    /** Its log then says which DDL it was given, by which process, and whether that was cut short. */
    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16)
            .ownPostgres(Map.of("log_statement", "ddl", "log_line_prefix", "[%p] ", "max_wal_size", "4GB"));

    private static final String BIG =
            "CREATE TABLE edfi.big AS SELECT i, repeat('x', 1000) AS filler" + " FROM generate_series(1, 600000) i";
    private static final int SIGTERM = 143;

    private static Databases databases;
    private final List<WorkerProcess> workers = new ArrayList<>();
    private WorkerProcess first;
    private WorkerProcess second;
    private String pid;
    private int createsBefore;

    @BeforeAll
    static void makeSource() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("big"), 3);
        databases.asWorker(e2e.database("big"), BIG);
    }

    @AfterEach
    void stop() {
        workers.forEach(WorkerProcess::kill);
    }

    @Test
    void aStoppingWorkerFinishesItsCopyWhileAnotherWorkerRunsTheNextJobs() {
        beginCopy("finished", "10m");

        first.terminate();

        awaitNoMoreJobsTaken();
        assertThat(databases.createPids()).as("the same copy goes on").contains(pid);
        e2e.send(JobJson.of("Add", "after-finished", e2e.database("after_finished")));
        assertThat(tellerOf(e2e.events().awaitSuccess("after-finished"))).isEqualTo(second.name());

        Event created = e2e.events().awaitSuccess("finished");
        assertThat(tellerOf(created)).isEqualTo(first.name());
        assertThat(first.awaitEnd()).isEqualTo(SIGTERM);
        assertThat(e2e.events().outcomes("finished")).containsExactly("InProgress", "Succeeded");
        checkCopy("finished");
        assertThat(creates().subList(createsBefore, creates().size()))
                .as("one create, by one process")
                .containsExactly(pid);
        assertNothingCutShort();
    }

    @Test
    void aCopyThatExceedsTheShutdownGraceIsFinishedByAnotherWorker() throws Exception {
        try (Connection inTheWay = databases.holdUpCopies(e2e.database("big"))) {
            beginCopy("left", "1s");
            first.terminate();
            assertThat(first.awaitEnd()).isEqualTo(SIGTERM);
            assertThat(inTheWay.isValid(1)).isTrue();
        }
        Event created = e2e.events().awaitSuccess("left");
        assertThat(created.id()).isEqualTo("left/1/Created");
        assertThat(tellerOf(created)).isEqualTo(second.name());
        assertThat(e2e.events().outcomes("left"))
                .as("nothing but the end was told, and that once")
                .containsExactly("InProgress", "InProgress", "Succeeded");
        checkCopy("left");
        assertThat(creates()).as("one by each worker").hasSize(createsBefore + 2);
    }

    /** Of two workers one has it; that one is the first. */
    private void beginCopy(String jobId, String grace) {
        for (int i = 0; i < 2; i++) {
            workers.add(e2e.start(e2e.settings()
                    .template("default", "Big", e2e.database("big"))
                    .with("instance-worker.shutdown-grace", grace)));
        }
        workers.forEach(WorkerProcess::awaitReady);
        e2e.events();
        createsBefore = creates().size();
        e2e.send(JobJson.of("Copy", jobId, e2e.database(jobId)).source(e2e.database("big")));
        String busy = tellerOf(e2e.events().awaitProgress(jobId));
        first = workers.get(workers.get(0).name().equals(busy) ? 0 : 1);
        second = workers.get(first == workers.get(0) ? 1 : 0);
        databases.awaitCreate();
        pid = databases.createPids().get(0);
    }

    private static String tellerOf(Event event) {
        return event.data().get("worker").asString();
    }

    private void awaitNoMoreJobsTaken() {
        // RabbitMQ counts the consumer with the copy until it has acknowledged.
        Await.until(
                first.name() + " takes no more jobs",
                () -> e2e.host().consumers(EndToEnd.PROVISION) == WorkerSettings.MAX_CONCURRENT_JOBS + 1);
    }

    private static void checkCopy(String jobId) {
        String copy = e2e.database(jobId);
        String size = "SELECT count(*), max(i) FROM edfi.big";
        assertThat(databases.rows(copy, size)).isEqualTo(databases.rows(e2e.database("big"), size));
        assertThat(databases.schools(copy)).hasSize(3);
        assertThat(databases.mark(copy).jobId()).isEqualTo(jobId);
        assertThat(databases.staging()).isEmpty();
        Await.until(
                "all is acknowledged",
                () -> e2e.host().server().management().depth(e2e.host().name(), EndToEnd.PROVISION) == 0);
    }

    /** The server processes that were told to make a copy, in the order in which they were. */
    private static List<String> creates() {
        return e2e.postgres()
                .log()
                .lines()
                .filter(line -> line.contains("LOG:") && line.contains("TEMPLATE \"" + e2e.database("big")))
                .map(line -> line.substring(1, line.indexOf(']')))
                .toList();
    }

    private static void assertNothingCutShort() {
        assertThat(e2e.postgres().log()).doesNotContain("canceling statement");
    }
}
