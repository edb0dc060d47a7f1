package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Forwarder;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that cannot be reached, refuses the login, or is a standby, while there is work for it. */
class CircuitIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    private static final int MAX_ATTEMPTS = 3;

    private static PostgresServer stopped;
    private static PostgresServer standby;
    private static SilentWay silent;
    private static Login role;
    private static Login roleOfStandby;
    private static Login rotated;
    private static Login reading;
    private static WorkerProcess worker;

    /** A way to the server on which, for a while, nothing arrives and nothing is refused. */
    private static final class SilentWay extends Forwarder {
        private volatile boolean swallowing;

        SilentWay(PostgresServer server) {
            super(server.host(), server.port());
            open();
        }

        void swallow(boolean everything) {
            swallowing = everything;
            if (!everything) {
                // What was swallowed does not come again by itself.
                cut();
            }
        }

        @Override
        protected void toServer(InputStream from, OutputStream to) throws IOException {
            byte[] buffer = new byte[8192];
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                if (!swallowing) {
                    to.write(buffer, 0, read);
                }
            }
        }
    }

    @BeforeAll
    static void start() {
        stopped = PostgresServer.startOwn(16, Map.of());
        role = stopped.createRole("worker");
        standby = PostgresServer.startStandby(16, primary -> roleOfStandby = primary.createRole("worker"));
        rotated = e2e.createRole("rotated");
        reading = e2e.createRole("reading");
        alter(reading, "SET default_transaction_read_only = on");
        silent = new SilentWay(e2e.postgres());
        e2e.secrets().addAll(List.of(role.password(), stopped.superuser().password(), roleOfStandby.password()));
        String silentUrl = "jdbc:postgresql://127.0.0.1:" + silent.port() + "/postgres";
        worker = e2e.start(e2e.settings()
                        .server("stopped", stopped, role)
                        .server("standby", standby, roleOfStandby)
                        .server("silent", silentUrl, e2e.login())
                        .connectTimeoutSeconds("silent", 1)
                        .server("rotated", e2e.postgres(), rotated)
                        .server("reading", e2e.postgres(), reading)
                        .with("instance-worker.default-server", "default"))
                .awaitReady();
        e2e.events();
    }

    @AfterAll
    static void stop() {
        silent.close();
        stopped.close();
        standby.close();
    }

    private static List<String> send(String server, String prefix) {
        List<String> jobs =
                IntStream.range(0, 12).mapToObj(i -> prefix + "-" + i).toList();
        jobs.forEach(job -> addTo(server, job));
        return jobs;
    }

    private static void assertOthersGoOn(String prefix) throws IOException {
        for (int i = 0; i < 5; i++) {
            addTo("default", prefix + "-meanwhile-" + i);
            e2e.events().awaitSuccess(prefix + "-meanwhile-" + i);
        }
        assertThat(isUp("default")).isTrue();
    }

    private static void assertDoneWithoutABurnedAttempt(String server, List<String> jobs) {
        for (String job : jobs) {
            Event created = e2e.events().awaitSuccess(job);
            assertThat(created.data().get("maxAttempts").asInt() - created.attempt())
                    .as("attempts that are left, as if it had never been down")
                    .isEqualTo(MAX_ATTEMPTS - 1);
        }
        Await.until("it closes", () -> isUp(server));
    }

    private static void assertWaitingUnseen(List<String> jobs) {
        assertThat(jobs).allSatisfy(job -> assertThat(e2e.events().of(job)).isEmpty());
    }

    @Test
    void jobsOfAStoppedServerWaitWithoutAttemptsUntilTheServerIsReachable() throws IOException {
        addTo("stopped", "before");
        e2e.events().awaitSuccess("before");

        stopped.stopFast();
        Await.until("it opens", () -> isOpen("stopped", "SERVER_UNAVAILABLE"));
        List<String> jobs = send("stopped", "down");
        worker.awaitLog("the server stopped cannot be used");
        assertOthersGoOn("down");
        assertWaitingUnseen(jobs);

        stopped.startAgain();

        assertDoneWithoutABurnedAttempt("stopped", jobs);
        Databases databases = new Databases(stopped, role);
        assertThat(jobs)
                .allMatch(job -> databases
                        .mark(e2e.database(job.replace('-', '_')))
                        .jobId()
                        .equals(job));
        assertThat(databases.staging()).isEmpty();
    }

    /** As after a failover, while the url still leads to the server that was the primary, or to the next one too early. */
    @Test
    void jobsOfAStandbyWaitWithoutAttemptsUntilItIsPromoted() throws IOException {
        Await.until("it opens", () -> isOpen("standby", "SERVER_UNAVAILABLE"));
        List<String> jobs = send("standby", "standby");
        e2e.send(JobJson.of("Status", "read-standby").server("standby"));
        worker.awaitLog("The server standby cannot be used; its jobs wait: Asking the server whether it answers failed:"
                + " the server can only be read: it is a standby");
        worker.awaitLog("the server standby cannot be used");
        assertOthersGoOn("standby");
        assertWaitingUnseen(jobs);
        assertWaitingUnseen(List.of("read-standby"));

        standby.execute("SELECT pg_promote()");

        assertDoneWithoutABurnedAttempt("standby", jobs);
        e2e.events().awaitSuccess("read-standby");
    }

    @Test
    void jobsOfALoginThatMayOnlyReadWaitWithoutAttemptsUntilItMayWrite() {
        List<String> jobs = send("reading", "reading");
        worker.awaitLog("The server reading cannot be used; its jobs wait: Asking the server whether it answers failed:"
                + " the server can only be read");
        worker.awaitLog("the server reading cannot be used");
        assertWaitingUnseen(jobs);

        alter(reading, "RESET default_transaction_read_only");

        assertDoneWithoutABurnedAttempt("reading", jobs);
    }

    @Test
    void aServerThatDropsPacketsOpensItsCircuitAndDelaysNoOtherServersJobs() throws IOException {
        addTo("silent", "heard");
        e2e.events().awaitSuccess("heard");

        silent.swallow(true);
        Await.until("it opens", () -> isOpen("silent", "SERVER_UNAVAILABLE"));
        List<String> jobs = send("silent", "unheard");
        worker.awaitLog("the server silent cannot be used");
        assertOthersGoOn("unheard");
        assertWaitingUnseen(jobs);

        silent.swallow(false);

        assertDoneWithoutABurnedAttempt("silent", jobs);
    }

    @Test
    void aRefusedLoginUsesUpNoAttemptsAndJobsContinueWithTheRightPassword() throws IOException {
        addTo("rotated", "admitted");
        e2e.events().awaitSuccess("admitted");

        setPassword("another-one");
        endSessions();
        Await.until("it opens", () -> isOpen("rotated", "AUTHENTICATION_FAILED"));
        List<String> jobs = send("rotated", "refused");
        worker.awaitLog("the server rotated cannot be used");
        assertOthersGoOn("refused");
        assertWaitingUnseen(jobs);

        setPassword(rotated.password());

        assertDoneWithoutABurnedAttempt("rotated", jobs);
    }

    private static void setPassword(String password) {
        alter(rotated, "PASSWORD " + Databases.literal(password));
    }

    private static void alter(Login login, String change) {
        e2e.databases().asSuperuser("ALTER ROLE " + Databases.quote(login.username()) + " " + change);
    }

    private static void endSessions() {
        e2e.databases()
                .asSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = "
                        + Databases.literal(rotated.username()));
    }

    private static void addTo(String server, String jobId) {
        e2e.send(JobJson.of("Add", jobId, e2e.database(jobId.replace('-', '_'))).server(server));
    }

    /** As an operator's dashboard shows it. */
    private static boolean isOpen(String server, String code) throws IOException {
        Scrape metrics = Scrape.of(worker);
        boolean open = metrics.value("instance_worker_circuit_open", "server=" + server, "code=" + code) == 1;
        return open && metrics.value("instance_worker_server_up", "server=" + server) == 0;
    }

    private static boolean isUp(String server) throws IOException {
        return Scrape.of(worker).value("instance_worker_server_up", "server=" + server) == 1;
    }
}
