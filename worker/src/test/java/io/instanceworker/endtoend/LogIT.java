package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Servers;
import io.instanceworker.testing.VirtualHost;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The log as people read it, at the console. */
class LogIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(15);

    /** Logged by each consumer at each attempt, only where INFO is asked for. */
    private static final Pattern ATTEMPT = Pattern.compile(" The same was found again");

    private static final int ATTEMPTS = 3;

    /** For each of the two queues a line with the cause and one without, and the same again after a minute. */
    private static final int MOST_LINES = 8;

    private static final Pattern PROBLEM = Pattern.compile("^\\S+ +(WARN|ERROR) .*");

    private static String foreign;
    private static VirtualHost empty;

    @BeforeAll
    static void prepare() {
        foreign = e2e.database("foreign");
        e2e.databases().asSuperuser("CREATE DATABASE " + Databases.quote(foreign));
        empty = Servers.rabbit().createVirtualHost("LogIT-empty");
    }

    @AfterAll
    static void remove() {
        e2e.databases().asSuperuser("DROP DATABASE IF EXISTS " + Databases.quote(foreign));
        empty.close();
    }

    @Test
    void theStartLogsTheBrokerAndTheServers() {
        String own = e2e.database("own");
        e2e.databases().create(own);
        WorkerProcess worker = e2e.start(e2e.settings()
                        .template("default", "Minimal", own)
                        .template("default", "Foreign", foreign)
                        .template("default", "Absent", e2e.database("absent"))
                        // Which is this machine too, but cannot be seen to be.
                        .server("unreachable", "jdbc:postgresql://0.0.0.0:1/postgres", e2e.login())
                        .connectTimeoutSeconds("unreachable", 1))
                .awaitReady();

        worker.awaitLog(" works with virtual host ");
        String log = worker.log();
        assertThat(log)
                .contains(
                        worker.name() + " works with virtual host " + e2e.host().name() + " of RabbitMQ at ",
                        "\n    server default (postgresql, 8 jobs and 2 queries at once): PostgreSQL 15.",
                        "; templates Absent = " + e2e.database("absent") + " (CANNOT BE USED), Foreign = " + foreign
                                + " (CANNOT BE USED), Minimal = " + own + "\n",
                        "\n    server unreachable (postgresql, 8 jobs and 2 queries at once): not known now: ",
                        "The server unreachable: it is on another machine, and with sslmode=prefer",
                        "The template Absent of the server default cannot be used: there is no database",
                        "The template Foreign of the server default cannot be used: ",
                        "ALTER DATABASE " + Databases.quote(foreign) + " IS_TEMPLATE true");
        assertThat(log)
                .doesNotContain("The template Minimal", "The server default: ", "RabbitMQ is on another machine");

        e2e.events();
        e2e.send(JobJson.of("Add", "by-hand-3", e2e.database("added")).template("Minimal"));
        e2e.events().awaitSuccess("by-hand-3");
        worker.awaitLog("[job=by-hand-3 server=default database=" + e2e.database("added") + "] ");
        worker.awaitLog("Add " + e2e.database("added") + " (job by-hand-3, server default): created in ");
        assertThat(worker.log().lines().filter(line -> line.contains(" works with virtual host ")))
                .singleElement()
                .asString()
                .doesNotContain("job=", "server=");
        worker.kill();
    }

    @Test
    void aResultIsOneLogLineWithoutAStackTrace() throws Exception {
        String source = e2e.database("busy");
        WorkerProcess worker = e2e.start(e2e.settings()).awaitReady();
        e2e.events();
        e2e.send(JobJson.of("Add", "log-source", source));
        e2e.events().awaitSuccess("log-source");

        try (Connection user = e2e.databases().session(source, "in the way")) {
            e2e.send(JobJson.of("Copy", "log-busy", e2e.database("copy"))
                    .source(source)
                    .with("requestedBy", "eve\n2026-11-21T00:00:00Z ERROR forged"));
            e2e.events().awaitFailure("log-busy", "SOURCE_BUSY");
            assertThat(user.isValid(1)).isTrue();
        }
        e2e.send(JobJson.of("Delete", "log-delete", source));
        e2e.events().awaitSuccess("log-delete");

        String copy = "Copy " + e2e.database("copy") + " (job log-busy, server default, requested by eve";
        worker.awaitLog("Delete " + source + " (job log-delete, server default): deleted in ");
        assertThat(worker.log().lines().filter(line -> line.contains(copy)))
                .anyMatch(line -> line.contains(" with SOURCE_BUSY: "));
        assertThat(worker.log()).doesNotContain("\tat ", "\n2026-11-21T00:00:00Z ERROR forged");
        worker.kill();
    }

    private static WorkerProcess start(WorkerSettings settings) {
        return e2e.start(settings.with("logging.level.io.instanceworker.messaging.TopologyCheck", "DEBUG"));
    }

    /** All at once, since they do little but wait. */
    @Test
    void aBrokerThatCannotBeUsedIsAFewLines() {
        Map<String, WorkerProcess> byReason = Map.of(
                "ACCESS_REFUSED - Login was refused",
                start(e2e.settings().with("spring.rabbitmq.password", "wrong-0d5f1c")),
                "no queue 'instance.jobs.provision'",
                start(new WorkerSettings(empty.springProperties())
                        .server("default", e2e.postgres(), e2e.login())
                        .with("instance-worker.declare-topology", "false")),
                "Connection refused",
                start(e2e.settings().with("spring.rabbitmq.host", "127.0.0.1").with("spring.rabbitmq.port", "1")));

        byReason.forEach((reason, worker) -> {
            Await.until(
                    ATTEMPTS + " attempts with " + reason,
                    () -> ATTEMPT.matcher(worker.log()).results().count() >= ATTEMPTS);
            worker.kill();
            String log = worker.log();
            List<String> problems =
                    log.lines().filter(line -> PROBLEM.matcher(line).matches()).toList();
            assertThat(problems)
                    .as(worker.tail())
                    .hasSizeBetween(1, MOST_LINES)
                    .anyMatch(line -> line.contains(reason));
            assertThat(log).doesNotContain("\tat ");
        });
    }
}
