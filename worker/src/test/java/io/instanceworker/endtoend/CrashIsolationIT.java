package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A job that ends its worker again and again, beside a long Copy that can do nothing about it. */
class CrashIsolationIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(15);

    /** A job with so many crashes runs alone. */
    private static final int SUSPICIOUS = 2;

    private static final int MAX_CRASHES = 5;

    @TempDir
    Path folder;

    private KillPoints points;
    private WorkerProcess worker;

    @BeforeEach
    void start() {
        points = new KillPoints(folder);
        startWorker();
        worker.awaitReady();
        e2e.events();
    }

    @AfterEach
    void stop() {
        worker.kill();
    }

    private void startWorker() {
        worker = e2e.start(
                points.in(e2e.settings()).with("instance-worker.retry.max-deliveries", String.valueOf(MAX_CRASHES)));
    }

    private static String journal(String expression, String jobId) {
        return String.join(
                "",
                e2e.databases()
                        .rows(
                                "journal_of_" + e2e.login().username(),
                                "SELECT " + expression + " FROM job_run WHERE job_id = " + Databases.literal(jobId)));
    }

    @Test
    void aJobThatCrashesWorkersIsDeadLetteredAndAConcurrentCopySucceeds() throws Exception {
        Databases databases = e2e.databases();
        String source = e2e.database("source");
        String copy = e2e.database("long_copy");
        e2e.send(JobJson.of("Add", "source", source));
        e2e.events().awaitSuccess("source");
        try (Connection inTheWay = databases.session("postgres", "in the way");
                Statement statement = inTheWay.createStatement()) {
            inTheWay.setAutoCommit(false);
            // CREATE DATABASE waits for this lock on its source as long as it is held.
            statement.execute("COMMENT ON DATABASE " + source + " IS 'to be rolled back'");
            e2e.send(JobJson.of("Copy", "long-copy", copy).source(source));
            databases.awaitCreate();
            points.hold("killer", "create");
            e2e.send(JobJson.of("Add", "killer", e2e.database("killer")));
            for (int crash = 1; crash <= MAX_CRASHES; crash++) {
                Await.until("the killer is at its point", () -> points.isHeld("killer", "create"));
                if (crash > SUSPICIOUS) {
                    // It runs alone now, and the Copy comes to the same worker and has to wait for it.
                    Await.until("the Copy comes", () -> points.isHeld("long-copy", "journal received"));
                    points.release("long-copy", "journal received");
                    Await.until(
                            "the Copy waits",
                            () -> journal("claim IS NULL", "long-copy").equals("t"));
                }
                points.arm("killer", "mark");
                if (crash < MAX_CRASHES) {
                    points.hold("killer", "create");
                }
                if (crash == SUSPICIOUS) {
                    Await.until(
                            "this worker has the Copy, too",
                            () -> journal("crashes", "long-copy").equals("1"));
                }
                if (crash >= SUSPICIOUS && crash < MAX_CRASHES) {
                    points.hold("long-copy", "journal received");
                }
                points.release("killer", "create");
                worker.awaitEnd();
                startWorker();
            }
            worker.awaitReady();
            Event error = e2e.events().awaitError("killer", "INTERNAL_ERROR");
            assertThat(error.errorMessage()).contains(MAX_CRASHES + " times");
            assertThat(Integer.parseInt(journal("crashes", "long-copy")))
                    .as("it only waited when the others happened")
                    .isEqualTo(SUSPICIOUS);
            inTheWay.rollback();
        }

        e2e.events().awaitSuccess("long-copy");

        assertThat(databases.mark(copy).jobId()).isEqualTo("long-copy");
        assertThat(databases.exists(e2e.database("killer"))).isFalse();
        Await.until("the killer is in the dead queue", () -> e2e.host().ready(EndToEnd.DEAD) == 1);
        assertThat(e2e.drain(EndToEnd.DEAD))
                .singleElement()
                .satisfies(dead -> assertThat(
                                dead.properties().at("/headers/iw-job-id").asString())
                        .isEqualTo("killer"));
        // What the killer's last worker left is removed by the next job for that name.
        e2e.send(JobJson.of("Delete", "clean", e2e.database("killer")));
        e2e.events().awaitSuccess("clean");
    }
}
