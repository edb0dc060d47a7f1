package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.instanceworker.testing.Servers;
import io.instanceworker.testing.VirtualHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The commands of instancectl that send jobs. */
class InstanceCtlIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(17);

    static final String QUEUE = "jobs-without-a-worker";

    /** With a queue for jobs, and without a worker. */
    private static VirtualHost idle;

    private static Databases databases;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        databases = e2e.databases();
        e2e.start(e2e.settings().with("instance-worker.servers.default.allow-adopt", "true"))
                .awaitReady();
        e2e.events();
        idle = withQueue("InstanceCtlIT-idle");
    }

    static VirtualHost withQueue(String name) throws Exception {
        VirtualHost host = Servers.rabbit().createVirtualHost(name);
        try (Connection connection = host.connect();
                Channel channel = connection.createChannel()) {
            channel.exchangeDeclare("instance.jobs", "topic", true);
            channel.queueDeclare(QUEUE, true, false, false, Map.of());
            channel.queueBind(QUEUE, "instance.jobs", "#");
        }
        return host;
    }

    @AfterAll
    static void stop() {
        idle.close();
    }

    private static Call call() {
        return Call.to(e2e.host(), e2e.secrets());
    }

    private static Call idle() {
        return Call.to(idle, e2e.secrets());
    }

    private static void add(String database) {
        assertThat(call().run("add", database, "--template", "")).isZero();
    }

    private Path file(String name, String... lines) throws Exception {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    @Test
    void aJobIsSentAndItsResultIsShown() {
        String database = e2e.database("shown");
        Call add = call();

        assertThat(add.run("add", database, "--template", "", "--id", "7", "--tenant", "t1", "--job-id", "ctl-1"))
                .as(add.err())
                .isZero();

        assertThat(add.out())
                .contains("job               ctl-1\n", "outcome           Succeeded\n", "changed           true\n");
        assertThat(add.err()).isEmpty();
        assertThat(databases.mark(database).instanceId()).isEqualTo("7");

        Call info = call();
        assertThat(info.run("info", database)).isZero();
        assertThat(info.out()).contains("createdByJob      ctl-1\n", "engine            PostgreSQL\n");

        Call status = call();
        assertThat(status.run("status", database, "--output", "json")).isZero();
        assertThat(status.json().at("/data/state/name").asString()).isEqualTo("ONLINE");

        Call page = call();
        assertThat(page.run("status", "--tenant", "t1", "--state", "online")).isZero();
        assertThat(page.out()).contains("DATABASE", database + "  7         t1      ONLINE", "all pages: 1, 1 ONLINE");
    }

    @Test
    void aCopyOfAnAbsentSourceEndsWithOne() {
        Call copy = call();
        assertThat(copy.run("copy", e2e.database("of_nothing"), "--source", e2e.database("nothing")))
                .isEqualTo(1);
        assertThat(copy.out()).contains("outcome           Error\n", "errorCode         SOURCE_NOT_FOUND\n");
    }

    @Test
    void progressAndRetriesAreShownOnATerminal() {
        String source = e2e.database("damaged");
        add(source);
        databases.damage(source);
        Call copy = call().answering("");
        assertThat(copy.run("copy", e2e.database("of_damaged"), "--source", source))
                .isEqualTo(1);
        assertThat(copy.err())
                .contains("Sent copy-", "InProgress CreateInProgress", "Failed CreateFailed, attempt 1 of 3")
                .contains("INTERNAL_ERROR: ", "Next attempt at 20");
        databases.repair(source);
    }

    @Test
    void aJobThatIsNotAJobIsRefusedBeforeItIsSent() {
        Call copy = call();
        assertThat(copy.run("copy", "edfi")).isEqualTo(2);
        assertThat(copy.err()).contains("source.databaseName: is missing", "See instancectl copy --help.");
        assertThat(call().run("add", "edfi", "--context", "{")).isEqualTo(2);
        assertThat(call().run("add", "edfi", "--timeout", "soon")).isEqualTo(2);
    }

    @Test
    void aJobThatNoQueueTakesIsAnError() throws Exception {
        try (VirtualHost empty = Servers.rabbit().createVirtualHost("InstanceCtlIT-empty")) {
            Call first = Call.to(empty, e2e.secrets());
            assertThat(first.run("status")).isEqualTo(3);
            assertThat(first.err()).contains("was not sent", "no exchange 'instance.jobs'");
            try (Connection connection = empty.connect();
                    Channel channel = connection.createChannel()) {
                channel.exchangeDeclare("instance.jobs", "topic", true);
            }
            Call second = Call.to(empty, e2e.secrets());
            assertThat(second.run("status")).isEqualTo(3);
            assertThat(second.err()).contains("was not sent: no queue is bound");
        }
    }

    @Test
    void noWaitEndsWhenTheJobIsSent() {
        String database = e2e.database("not_waited_for");
        Call add = call();
        assertThat(add.run("add", database, "--template", "", "--no-wait", "--output", "json"))
                .isZero();
        String jobId = add.json().get("jobId").asString();
        assertThat(jobId).startsWith("add-20");
        e2e.events().awaitSuccess(jobId);
    }

    @Test
    void aUserWithoutANameIsNotNamed() {
        Call add = call();
        assertThat(add.run("add", e2e.database("nobody"), "--template", "", "--requested-by", "?", "--output", "json"))
                .isZero();
        assertThat(add.json().at("/data/requestedBy").isNull()).isTrue();
    }

    @Test
    void aTimeoutEndsWithFourAndTheJobStaysSent() {
        long before = idle.ready(QUEUE);
        Call add = idle();
        assertThat(add.run("add", "edfi", "--timeout", "100ms")).isEqualTo(4);
        assertThat(add.err()).contains("goes on at the worker");
        assertThat(idle.ready(QUEUE)).isEqualTo(before + 1);
    }

    @Test
    void aSignalSaysWhatWasSent() {
        long before = idle.ready(QUEUE);
        WorkerProcess add = e2e.start(new WorkerSettings(idle.springProperties())
                .argument("add")
                .argument("edfi")
                .argument("--job-id=signalled"));
        Await.until("the job is sent", () -> idle.ready(QUEUE) == before + 1 || !add.isRunning());
        add.terminate();
        assertThat(add.awaitEnd()).isEqualTo(143);
        assertThat(add.errors()).contains("signalled");
    }

    @Test
    void aDeleteAsksAndIsRefusedWithoutATerminal() {
        String database = e2e.database("asked");
        add(database);
        Call unasked = call();
        assertThat(unasked.run("delete", database)).isEqualTo(2);
        assertThat(unasked.err()).contains("This deletes the database " + database, "--yes");

        Call no = call().answering("n");
        assertThat(no.run("delete", database)).isEqualTo(1);
        assertThat(no.err()).contains("Go on? [y/N] ", "Nothing was sent.");
        assertThat(databases.exists(database)).isTrue();

        Call disconnect = call();
        assertThat(disconnect.run("copy", e2e.database("x"), "--source", database, "--when-source-busy", "disconnect"))
                .isEqualTo(2);
        assertThat(disconnect.err()).contains("This disconnects all clients of the database " + database);

        assertThat(call().answering("y").run("delete", database)).isZero();
        assertThat(databases.exists(database)).isFalse();
        assertThat(call().run("delete", database, "--yes")).isZero();
    }

    @Test
    void aBulkRunWithADeleteAsksAndSendsNothingAfterANo() throws Exception {
        String database = e2e.database("asked_once");
        add(database);
        String jobs =
                file("deletes.csv", "operation,database", "Delete," + database).toString();
        Call no = call().answering("n");
        assertThat(no.run("bulk", jobs)).isEqualTo(1);
        assertThat(no.err()).contains("This deletes the database " + database + ". Go on? [y/N] ", "Nothing was sent.");
        assertThat(databases.exists(database)).isTrue();

        assertThat(call().answering("y").run("bulk", jobs)).isZero();
        assertThat(databases.exists(database)).isFalse();
    }

    @Test
    void watchShowsTheEventsThatAreAskedFor() throws Exception {
        Call watch = call();
        Thread watching = new Thread(
                () -> watch.run(
                        "watch",
                        "--operation",
                        "add",
                        "--outcome",
                        "Succeeded",
                        "--tenant",
                        "watched",
                        "--count",
                        "1",
                        "--output",
                        "json"),
                "watch");
        watching.start();
        Await.until("it watches", () -> watch.err().contains("Watching instance.events"));
        add(e2e.database("not_watched"));
        String database = e2e.database("watched");
        assertThat(call().run("add", database, "--template", "", "--tenant", "watched"))
                .isZero();
        watching.join();
        assertThat(watch.json().at("/data/instance/databaseName").asString()).isEqualTo(database);
    }

    @Test
    void aFileOfWhatFailedIsFedInAgainAsItIs() throws Exception {
        String source = e2e.database("later");
        Path jobs = file(
                "jobs.csv",
                "operation,database,template,source,tenant,context",
                "Add," + e2e.database("b1") + ",Unknown,,,",
                "Copy," + e2e.database("b2") + ",," + source + ",\"a, b\",\"{\"\"n\"\": 1}\"",
                "Status,,,,,");
        Path failed = folder.resolve("failed.csv");
        Call first = call();
        assertThat(first.run("bulk", jobs.toString(), "--failed", failed.toString()))
                .as(first.err())
                .isEqualTo(1);
        assertThat(first.out()).contains("UNKNOWN_TEMPLATE", "SOURCE_NOT_FOUND", "3 rows: 1 succeeded, 2 failed");
        assertThat(Files.readString(failed))
                .contains("operation,database,template,source,tenant,context,failed-job-id,error-code,error");

        assertThat(call().run("add", source, "--template", "", "--tenant", "a, b"))
                .isZero();
        Call second = call();
        assertThat(second.run("bulk", failed.toString(), "--output", "json")).isEqualTo(1);
        JsonNode summary = second.json();
        assertThat(summary.get("succeeded").asInt()).isEqualTo(1);
        assertThat(summary.at("/failures/0/code").asString()).isEqualTo("UNKNOWN_TEMPLATE");
        assertThat(databases.mark(e2e.database("b2")).tenant()).isEqualTo("a, b");
    }

    @Test
    void anInterruptedRunGoesOnAndSendsNoDeleteTwice() throws Exception {
        String kept = e2e.database("kept");
        add(kept);
        Path jobs = file(
                "jobs.jsonl",
                JobJson.of("Add", "r1", e2e.database("r1")).without("jobId").toString(),
                JobJson.of("Delete", "r2", kept).without("jobId").toString(),
                JobJson.of("Add", "r3", e2e.database("r3")).without("jobId").toString(),
                JobJson.of("Add", "r4", e2e.database("r4")).without("jobId").toString());
        assertThat(call().run("bulk", jobs.toString())).isEqualTo(2);

        Call interrupted = idle();
        assertThat(interrupted.run("bulk", jobs.toString(), "--yes", "--in-flight", "2", "--timeout", "100ms"))
                .isEqualTo(4);
        assertThat(interrupted.out())
                .contains("4 rows: 0 succeeded, 0 failed, 2 sent without a result yet, 2 not sent");

        Call limited = call();
        assertThat(limited.run("bulk", jobs.toString(), "--limit", "2")).isEqualTo(1);
        assertThat(limited.out()).contains("RESULT_UNKNOWN", "2 succeeded, 1 failed", "0 sent", "1 not sent");
        assertThat(databases.exists(kept)).isTrue();

        Call rest = call();
        assertThat(rest.run("bulk", jobs.toString())).isEqualTo(1);
        assertThat(rest.out()).contains("3 succeeded, 1 failed, 0 sent without a result yet, 0 not sent");
        long events = e2e.events().all().size();
        Call again = call();
        assertThat(again.run("bulk", jobs.toString())).isEqualTo(1);
        assertThat(again.err()).contains("Every row has ended.");
        assertThat(e2e.events().all()).hasSize(Math.toIntExact(events));
        assertThat(call().run("bulk", jobs.toString(), "--operation", "Delete", "--yes"))
                .as("another operation is another run")
                .isEqualTo(2);

        Files.writeString(jobs, "\n", StandardOpenOption.APPEND);
        Call changed = call();
        assertThat(changed.run("bulk", jobs.toString())).isEqualTo(2);
        assertThat(changed.err()).contains("is not the one with which");
    }

    @Test
    void aSignalledRunGoesOnAndSendsNothingTwice() throws Exception {
        String deleted = e2e.database("signalled");
        add(deleted);
        Path jobs = file(
                "jobs.jsonl",
                JobJson.of("Add", "signal-1", e2e.database("s1")).toString(),
                JobJson.of("Delete", "signal-2", deleted).toString(),
                JobJson.of("Add", "signal-3", e2e.database("s3")).toString());
        // Its lock holds up a Delete too.
        try (java.sql.Connection inTheWay = databases.holdUpCopies(deleted)) {
            WorkerProcess bulk = e2e.start(new WorkerSettings(e2e.host().springProperties())
                    .argument("bulk")
                    .argument(jobs.toString())
                    .argument("--in-flight=1")
                    .argument("--yes"));
            e2e.events().awaitProgress("signal-2");
            bulk.terminate();
            assertThat(bulk.awaitEnd()).isEqualTo(143);
            assertThat(bulk.errors()).contains("Interrupted. 1 jobs were sent");
        }
        e2e.events().awaitSuccess("signal-2");
        add(deleted);

        Call rest = call();
        Path failed = folder.resolve("failed.jsonl");
        assertThat(rest.run("bulk", jobs.toString(), "--failed", jobs + ".state"))
                .isEqualTo(2);
        assertThat(rest.run("bulk", jobs.toString(), "--failed", failed.toString()))
                .as(rest.err())
                .isEqualTo(1);
        assertThat(rest.out()).contains("RESULT_UNKNOWN", "3 rows: 2 succeeded, 1 failed");
        assertThat(failed).as("can be fed in as it is").isEmptyFile();
        assertThat(databases.exists(deleted)).isTrue();
        assertThat(e2e.events().outcomes("signal-1")).containsExactly("InProgress", "Succeeded");
        assertThat(e2e.events().outcomes("signal-2")).containsExactly("InProgress", "Succeeded");
    }

    @Test
    void aDryRunSaysWhatItWouldDoAndSendsNothing() throws Exception {
        long before = idle.ready(QUEUE);
        Path jobs = file("jobs.csv", "operation,database,source", "Delete,a,", "Copy,b,c", "Copy,d,c");
        Call dryRun = idle();
        assertThat(dryRun.run("bulk", jobs.toString(), "--dry-run")).isZero();
        assertThat(dryRun.out()).isEqualTo("3 rows are right: 2 Copy, 1 Delete. Nothing was sent.\n");
        Call json = idle();
        assertThat(json.run("bulk", jobs.toString(), "--dry-run", "--output", "json"))
                .isZero();
        assertThat(json.out()).isEqualTo("{\"rows\":3,\"operations\":{\"Copy\":2,\"Delete\":1}}\n");
        assertThat(idle.ready(QUEUE)).isEqualTo(before);
        assertThat(folder.resolve("jobs.csv.state")).doesNotExist();

        Call wrong = idle();
        Path mistakes = file("wrong.csv", "operation,database", "Explode,a", "Copy,b");
        assertThat(wrong.run("bulk", mistakes.toString(), "--dry-run")).isEqualTo(2);
        assertThat(wrong.err().lines())
                .startsWith(
                        "Line 2: there is no operation Explode",
                        "Line 3: source.databaseName: is missing; Copy needs it")
                .contains("Nothing was sent.");
    }

    @Test
    void aLimitLeavesRowsForTheNextRunAndATerminalShowsTheProgress() throws Exception {
        Path jobs = file("jobs.csv", "operation,database", "Status,a", "Status,b");
        Call limited = call().answering("");
        assertThat(limited.run("bulk", jobs.toString(), "--limit", "1")).isEqualTo(1);
        assertThat(limited.out()).contains("2 rows: 1 succeeded, 0 failed, 0 sent without a result yet, 1 not sent");
        assertThat(limited.err())
                .contains("0 of 2, 0 failed, 1 sent and not ended", "1 of 2, 0 failed, 0 sent and not ended")
                .endsWith("The same command goes on with the rest.\n");

        Call rest = call();
        assertThat(rest.run("bulk", jobs.toString(), "--limit", "1")).isZero();
        assertThat(rest.err()).isEmpty();
    }

    @Test
    void aRunThatLosesTheConnectionEndsWithThreeAndSaysHowFarItCame() throws Exception {
        Path jobs = file("jobs.csv", "operation,database", "Status,a", "Status,b");
        VirtualHost lost = withQueue("InstanceCtlIT-lost");
        Call bulk = Call.to(lost, e2e.secrets());
        CompletableFuture<Integer> exitCode =
                CompletableFuture.supplyAsync(() -> bulk.run("bulk", jobs.toString(), "--in-flight", "1"));
        Await.until("a job is sent", () -> lost.ready(QUEUE) == 1);
        lost.close();
        assertThat(exitCode.join()).isEqualTo(3);
        assertThat(bulk.out()).contains("2 rows: 0 succeeded, 0 failed, 1 sent without a result yet, 1 not sent");
    }

    @Test
    void existingDatabasesAreAdoptedFromAList() throws Exception {
        String first = e2e.database("listed_1");
        String second = e2e.database("listed_2");
        databases.create(first);
        databases.create(second);
        Path jobs = file("instances.csv", "database,id,tenant", first + ",1,listed", second + ",2,listed");
        Call adopt = call();
        assertThat(adopt.run("bulk", jobs.toString(), "--operation", "adopt"))
                .as(adopt.out())
                .isZero();
        assertThat(databases.mark(first).instanceId()).isEqualTo("1");
        assertThat(databases.mark(second).instanceId()).isEqualTo("2");
    }
}
