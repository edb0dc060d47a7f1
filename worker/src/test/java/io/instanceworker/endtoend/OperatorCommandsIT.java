package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that ask a running worker, and its journal. */
class OperatorCommandsIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        worker = e2e.start(e2e.settings()).awaitReady();
        e2e.events();
    }

    private static CommandRun run(String... words) {
        return CommandRun.of(e2e.settings().arguments(), words);
    }

    private static List<JsonNode> json(CommandRun run) {
        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isZero();
        return JsonMapper.shared().readTree(run.out()).valueStream().toList();
    }

    @Test
    void theHistoryOfADatabaseIsShownInItsOrder() {
        String database = e2e.database("history");
        e2e.send(JobJson.of("Add", "add", database).with("requestedBy", "a\u001b[2J"));
        e2e.events().awaitSuccess("add");
        e2e.send(JobJson.of("Copy", "copy", e2e.database("copy")).source(database));
        e2e.events().awaitSuccess("copy");
        e2e.send(JobJson.of("Delete", "delete", database));
        e2e.events().awaitSuccess("delete");

        List<JsonNode> runs = json(run("history", database, "--output", "json"));
        assertThat(runs).extracting(entry -> entry.get("jobId").asString()).containsExactly("add", "delete");
        assertThat(runs.get(0).get("outcome").asString()).isEqualTo("Succeeded");
        assertThat(runs.get(0).get("worker").asString()).isEqualTo(worker.name());
        assertThat(runs.get(0).get("endedAt").asString())
                .isLessThan(runs.get(1).get("receivedAt").asString());
        assertThat(json(run("history", database, "--last", "1", "--server", "DEFAULT", "-o", "json")))
                .extracting(entry -> entry.get("operation").asString())
                .containsExactly("Delete");

        CommandRun table = run("history", e2e.database("copy"));
        assertThat(table.out()).contains("RECEIVED (UTC)", "Copy", database, "Succeeded");
        assertThat(run("history", database).out()).contains("Add", "Delete").doesNotContain("\u001b");

        CommandRun unknown = run("history", "unknown");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.errors()).contains("No job is known for the database unknown");
    }

    @Test
    void aHistoryThatCannotBeReadCreatesNoJournal() {
        List<String> settings = e2e.settings()
                .with("instance-worker.servers.default.journal-database", e2e.database("no_journal"))
                .arguments();
        CommandRun absent = CommandRun.of(settings, "history", "any");
        assertThat(absent.exitCode()).isEqualTo(3);
        assertThat(absent.errors()).contains("There is no journal yet");
        assertThat(e2e.databases().exists(e2e.database("no_journal"))).isFalse();
        CommandRun server = run("history", "any", "--server", "south");
        assertThat(server.exitCode()).isEqualTo(3);
        assertThat(server.errors()).contains("Configured are: default");
        CommandRun settingsWithMistake = CommandRun.of(List.of("--instance-worker.deadline=soon"), "history", "any");
        assertThat(settingsWithMistake.exitCode()).isEqualTo(2);
        assertThat(settingsWithMistake.errors()).contains("instance-worker.deadline", "instance-worker.servers");
    }

    @Test
    void aWorkerIsPausedAndResumedAndItsRunningJobsAreShown() throws Exception {
        String source = e2e.database("source");
        e2e.send(JobJson.of("Add", "source", source));
        e2e.events().awaitSuccess("source");
        try (java.sql.Connection inTheWay = e2e.databases().holdUpCopies(source)) {
            assertThat(inTheWay.isClosed()).isFalse();
            e2e.send(JobJson.of("Copy", "held", e2e.database("held")).source(source));
            e2e.databases().awaitCreate();

            CommandRun running = run("running", "--worker", worker.url());
            assertThat(running.out()).contains("yes", "Copy", e2e.database("held"), "create", "held");
            assertThat(run("pause", "--worker", worker.url() + "/").out()).contains("pausing");
            JsonNode answer =
                    json(run("running", "--worker", worker.url(), "-o", "json")).get(0);
            assertThat(answer.get("consuming").asBoolean()).isFalse();
            assertThat(answer.get("jobs").get(0).get("jobId").asString()).isEqualTo("held");
            assertThat(run("resume", "--worker", worker.url()).out()).contains("consuming");
        }
        e2e.events().awaitSuccess("held");
    }

    @Test
    void aWorkerThatDoesNotAnswerIsReportedAndTheOthersAreAsked() {
        CommandRun run = run("running", "--worker", "http://127.0.0.1:1", "--worker", worker.url());
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.errors()).contains("http://127.0.0.1:1: no worker answers");
        assertThat(run.out()).contains(worker.name());
        CommandRun wrongPath = run("pause", "--worker", worker.url() + "/elsewhere");
        assertThat(wrongPath.exitCode()).isEqualTo(3);
        assertThat(wrongPath.errors()).contains("404");
        CommandRun withPassword = run("resume", "--worker", "http://me:secret-4c1@localhost");
        assertThat(withPassword.exitCode()).isEqualTo(2);
        assertThat(withPassword.errors()).contains("--password-file").doesNotContain("secret-4c1");
        assertThat(run("running", "--worker", "localhost").exitCode()).isEqualTo(2);
        assertThat(run("running", "--user", "me", "--password-file", "/absent").exitCode())
                .isEqualTo(2);
    }
}
