package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A journal that is dropped, or has no room, while a worker runs. */
class JournalLostIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(13);

    private WorkerProcess worker;

    @AfterEach
    void stop() {
        worker.kill();
    }

    private void start() {
        start(e2e.settings());
    }

    private void start(WorkerSettings settings) {
        worker = e2e.start(settings).awaitReady();
        e2e.events();
    }

    private static String journal() {
        return "journal_of_" + e2e.login().username();
    }

    private static void add(String jobId) {
        e2e.send(JobJson.of("Add", jobId, e2e.database(jobId.replace('-', '_'))));
    }

    private static String outcome(String jobId) {
        return String.join(
                ",",
                e2e.databases()
                        .rows(
                                journal(),
                                "SELECT coalesce(outcome, 'open') FROM job_run WHERE job_id = "
                                        + Databases.literal(jobId)));
    }

    @Test
    void aJobWhoseInsertWasNotAnsweredContinuesWithTheInsertedRow() {
        try (Line line = new Line(e2e.postgres().host(), e2e.postgres().port())) {
            line.open();
            start(e2e.settings()
                    .server("default", "jdbc:postgresql://127.0.0.1:" + line.port() + "/postgres", e2e.login()));
            line.lose(Saying.JOURNAL_INSERTED);

            add("not-answered");

            e2e.events().awaitSuccess("not-answered");
            assertThat(line.lost()).isEqualTo(1);
            assertThat(outcome("not-answered")).as("of all its rows").isEqualTo("Succeeded");
        }
    }

    @Test
    void aDroppedTableIsCreatedAgainForTheNextJob() {
        start();
        add("before-the-drop");
        e2e.events().awaitSuccess("before-the-drop");
        e2e.databases().asWorker(journal(), "DROP TABLE job_run");

        add("after-the-drop");

        e2e.events().awaitSuccess("after-the-drop");
        assertThat(outcome("after-the-drop")).isEqualTo("Succeeded");
        assertThat(worker.log()).contains("was dropped. The worker makes it again");
    }

    @Test
    void aDroppedDatabaseIsCreatedAgainForTheNextJob() {
        start();
        add("before-the-force");
        e2e.events().awaitSuccess("before-the-force");
        e2e.databases().asSuperuser("DROP DATABASE " + Databases.quote(journal()) + " WITH (FORCE)");

        add("after-the-force");
        add("after-the-force-too");

        e2e.events().awaitSuccess("after-the-force");
        e2e.events().awaitSuccess("after-the-force-too");
        assertThat(outcome("after-the-force")).isEqualTo("Succeeded");
    }

    @Test
    void aJobWaitsWhileTheJournalHasNoDiskSpace() throws Exception {
        Path disk = Files.createTempDirectory("instance-worker-journal");
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=40m,mode=777", "tmpfs", disk.toString());
        assumeTrue(mounted, "needs the right to mount a file system");
        String tablespace = e2e.database("journal_disk");
        try {
            Path place = Files.createDirectory(disk.resolve("tablespace"));
            assumeTrue(
                    run("chown", "65534:65534", place.toString())
                            && e2e.postgres().canBeStopped(),
                    "needs a PostgreSQL server on this machine");
            Databases databases = e2e.databases();
            databases.asSuperuser("DROP DATABASE IF EXISTS " + Databases.quote(journal()) + " WITH (FORCE)");
            databases.asSuperuser("CREATE TABLESPACE " + tablespace + " LOCATION '" + place + "'");
            databases.asSuperuser("CREATE DATABASE " + Databases.quote(journal()) + " OWNER "
                    + e2e.login().username() + " TABLESPACE " + tablespace);
            start();
            add("makes-the-table");
            e2e.events().awaitSuccess("makes-the-table");
            databases.asWorker(journal(), "TRUNCATE job_run");
            Path filling = disk.resolve("filling");
            assertThat(run("dd", "if=/dev/zero", "of=" + filling, "bs=4096"))
                    .as("the disk is full")
                    .isFalse();

            add("no-room");
            Event failed = e2e.events().awaitFailure("no-room", "DISK_FULL");
            assertThat(e2e.databases().exists(e2e.database("no_room"))).isFalse();
            assertThat(failed.data().get("willRetry").asBoolean()).isTrue();
            Files.delete(filling);

            Event created = e2e.events().awaitSuccess("no-room");
            assertThat(created.data().get("maxAttempts").asInt() - created.attempt())
                    .as("attempts that are left")
                    .isEqualTo(2);
            assertThat(outcome("no-room")).isEqualTo("Succeeded");
        } finally {
            if (worker != null) {
                worker.kill();
            }
            e2e.databases().asSuperuser("DROP DATABASE IF EXISTS " + Databases.quote(journal()) + " WITH (FORCE)");
            e2e.databases().asSuperuser("DROP TABLESPACE IF EXISTS " + tablespace);
            run("umount", disk.toString());
            Files.deleteIfExists(disk);
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }
}
