package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a crash left goes by itself; what somebody works on, or what is young, stays. */
class SweepIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(14);

    private WorkerProcess worker;

    @AfterEach
    void clean() {
        worker.close();
        for (String name : e2e.databases().staging()) {
            e2e.databases().asWorker("postgres", "DROP DATABASE " + name);
        }
    }

    /** As a worker leaves it that is killed between CREATE and rename. */
    private static String leave(long lockKey, String age) {
        String begun = e2e.databases()
                .value("SELECT lpad(to_hex(extract(epoch FROM now() - interval '" + age + "')::bigint), 8, '0')");
        String name = "iw_staging_%016x_copy_0123456789abcdef_%s".formatted(lockKey, begun);
        e2e.databases().asWorker("postgres", "CREATE DATABASE " + name + " TEMPLATE template0 ALLOW_CONNECTIONS false");
        return name;
    }

    private static boolean isThere(String name) {
        return e2e.databases().exists(name);
    }

    private WorkerProcess start(WorkerSettings settings) {
        worker = e2e.start(settings).awaitReady();
        return worker;
    }

    private static long count(WorkerProcess worker, String outcome) throws IOException {
        return (long) Scrape.of(worker)
                .value("instance_worker_sweep_leftovers_total", "outcome=" + outcome, "server=default");
    }

    @Test
    void oldLeftoversAreRemovedAtStart() throws IOException {
        String old = leave(1, "61 minutes");
        String alsoOld = leave(-2, "3 days");
        String young = leave(3, "50 minutes");
        String lookalike = "iw_staging_backup_of_" + e2e.database("x");
        e2e.databases().asWorker("postgres", "CREATE DATABASE " + lookalike + " ALLOW_CONNECTIONS false");
        e2e.databases().create(e2e.database("ordinary"));

        start(e2e.settings());

        Await.until("both are gone", () -> !isThere(old) && !isThere(alsoOld));
        Await.until("both are counted", () -> count(worker, "removed") == 2);
        worker.awaitLog("Removed " + old + " on server default, PT1H1M");
        assertThat(isThere(young)).isTrue();
        assertThat(isThere(lookalike)).isTrue();
        assertThat(isThere(e2e.database("ordinary"))).isTrue();
        assertThat(worker.log()).doesNotContain(young, lookalike);
        assertThat(worker.get("/actuator/prometheus").body()).doesNotContain("iw_staging");
    }

    @Test
    void aLeftoverIsRemovedOnlyWhenItsLockIsFree() throws SQLException, IOException {
        start(e2e.settings().with("instance-worker.sweep.interval", "1s"));
        String journal = e2e.databases().journal();
        Await.until("the journal is there", () -> e2e.databases().exists(journal));
        String name;
        try (Connection job = e2e.databases().session(journal, "a job");
                Statement statement = job.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(4711)");
            name = leave(4711, "2 hours");
            Await.until("two rounds have met the lock", () -> count(worker, "busy") >= 2);
            worker.awaitLog("Left " + name + " on server default");
            assertThat(isThere(name)).isTrue();
        }
        Await.until("it is gone", () -> !isThere(name));
        Await.until("it is counted", () -> count(worker, "removed") == 1);
    }

    @Test
    void aDatabaseIsDroppedFromTheTrashAfterItsTime() {
        String server = "instance-worker.servers.default.";
        WorkerSettings settings =
                e2e.settings().with(server + "delete", "trash").with(server + "trash-retention", "1s");
        start(settings.with("instance-worker.sweep.interval", "1d"));
        String database = e2e.database("in_the_trash");
        e2e.send(JobJson.of("Add", "kept", database));
        e2e.events().awaitSuccess("kept");
        e2e.send(JobJson.of("Delete", "thrown-away", database));
        e2e.events().awaitSuccess("thrown-away");
        String trash = e2e.databases().value("SELECT datname FROM pg_database WHERE datname LIKE 'iw_trash_%'");
        worker.kill();

        start(settings.with("instance-worker.sweep.interval", "1s"));

        Await.until("it is gone", () -> !isThere(trash));
    }

    @Test
    void aDryRunOnlyLogsWhatItWouldRemove() throws IOException {
        String name = leave(5, "2 hours");
        start(e2e.settings()
                .with("instance-worker.sweep.interval", "1s")
                .with("instance-worker.sweep.dry-run", "true"));
        Await.until("two rounds", () -> count(worker, "would_remove") >= 2);
        worker.awaitLog("Would remove " + name + " on server default");
        assertThat(isThere(name)).isTrue();
    }

    @Test
    void aDisabledSweepRemovesNothing() {
        String name = leave(6, "2 hours");
        start(e2e.settings()
                .with("instance-worker.sweep.enabled", "false")
                .with("instance-worker.sweep.interval", "1s"));
        e2e.events();
        e2e.send(JobJson.of("Add", "meanwhile", e2e.database("meanwhile")));
        e2e.events().awaitSuccess("meanwhile");
        assertThat(isThere(name)).isTrue();
    }

    /** A drop waits for a checkpoint and its files; a stopping worker waits for it and begins no other. */
    @Test
    void aStoppedWorkerFinishesTheDropOfItsSweep() throws SQLException {
        String first = leave(7, "3 hours");
        String second = leave(8, "2 hours");
        try (Connection inTheWay = e2e.databases().session("postgres", "in the way");
                Statement statement = inTheWay.createStatement()) {
            inTheWay.setAutoCommit(false);
            // DROP DATABASE wants this for itself while it deletes the row.
            statement.execute("COMMENT ON DATABASE " + first + " IS 'in the way of its drop'");
            start(e2e.settings());
            Await.until(
                    "the drop waits",
                    () -> !e2e.databases()
                            .value("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DROP DATABASE %' AND"
                                    + " wait_event_type = 'Lock' AND query LIKE '%" + first + "%'")
                            .isEmpty());
            worker.terminate();
            Await.until("it takes no more jobs", () -> e2e.host().consumers(EndToEnd.PROVISION) == 0);
            // Long enough for a worker to end that does not wait for the drop.
            String later = e2e.databases().value("SELECT clock_timestamp() + interval '5 s'");
            Await.until(
                    "some seconds",
                    () -> e2e.databases()
                            .value("SELECT clock_timestamp() > '" + later + "'")
                            .equals("t"));
            assertThat(worker.isRunning()).isTrue();
            inTheWay.commit();
        }
        assertThat(worker.awaitEnd()).as("ended by SIGTERM").isEqualTo(143);
        assertThat(worker.log()).contains("Removed " + first);
        assertThat(isThere(first)).isFalse();
        assertThat(isThere(second)).isTrue();
    }
}
