package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that is stopped while there is work for it. */
class CircuitIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    private static final int MAX_ATTEMPTS = 3;

    private static PostgresServer stopped;
    private static Login role;
    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        stopped = PostgresServer.startOwn(16, Map.of());
        role = stopped.createRole("worker");
        e2e.secrets().addAll(List.of(role.password(), stopped.superuser().password()));
        worker = e2e.start(e2e.settings().server("stopped", stopped, role).connectTimeoutSeconds("stopped", 1))
                .awaitReady();
        e2e.events();
    }

    @AfterAll
    static void stop() {
        stopped.close();
    }

    @Test
    void opensForTheServerThatIsDownAloneAndClosesByItself() throws IOException {
        addTo("stopped", "before");
        e2e.events().awaitSuccess("before");

        stopped.stopFast();
        List<String> jobs = IntStream.range(0, 12).mapToObj(i -> "down-" + i).toList();
        jobs.forEach(job -> addTo("stopped", job));
        Await.until("it opens", () -> isCircuit("stopped", "open"));
        Await.until("a job is turned away", () -> worker.log().contains("the server stopped could not be reached"));

        // The other's jobs go on, one after another, and its circuit stays closed.
        for (int i = 0; i < 5; i++) {
            addTo("default", "meanwhile-" + i);
            e2e.events().awaitSuccess("meanwhile-" + i);
        }
        assertThat(isCircuit("default", "closed")).isTrue();
        assertThat(jobs).noneMatch(job -> e2e.events().of(job).stream().anyMatch(Event::isFinal));

        stopped.startAgain();

        for (String job : jobs) {
            Event created = e2e.events().awaitSuccess(job);
            assertThat(created.data().get("maxAttempts").asInt() - created.attempt())
                    .as("attempts that are left, as if it had never been down")
                    .isEqualTo(MAX_ATTEMPTS - 1);
        }
        Await.until("it closes", () -> isCircuit("stopped", "closed"));
        Databases databases = new Databases(stopped, role);
        assertThat(jobs)
                .allMatch(job -> databases
                        .mark(e2e.database(job.replace('-', '_')))
                        .jobId()
                        .equals(job));
        assertThat(databases.staging()).isEmpty();
    }

    private static void addTo(String server, String jobId) {
        e2e.send(JobJson.of("Add", jobId, e2e.database(jobId.replace('-', '_'))).server(server));
    }

    /** As an operator's dashboard sees it. */
    private static boolean isCircuit(String server, String state) throws IOException {
        return worker.get("/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("resilience4j_circuitbreaker_state{"))
                .filter(line -> line.contains("name=\"" + server + "\"") && line.contains("state=\"" + state + "\""))
                .anyMatch(line -> line.endsWith(" 1.0"));
    }
}
