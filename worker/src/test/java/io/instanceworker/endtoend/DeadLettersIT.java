package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import io.instanceworker.testing.Forwarder;
import io.instanceworker.testing.HeldConfirms;
import io.instanceworker.testing.ManagementApi.AckMode;
import io.instanceworker.testing.QueuedMessage;
import io.instanceworker.testing.Servers;
import io.instanceworker.testing.VirtualHost;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code dead-letters} of the packaged jar, as an operator uses it. */
class DeadLettersIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    private static final byte[] BINARY = {0, 1, 2, (byte) 0xFF};

    /** Would clear a terminal, in two ways. */
    private static final String HOSTILE = "{\"jobId\": \"hostile\", \"operation\": \"Explode\"}\n\u001b[2J\u009b2J";

    private static final int MANY = 5_000;

    @BeforeAll
    static void start() {
        e2e.start(e2e.settings().with("instance-worker.retry.max-attempts", "2"))
                .awaitReady();
        e2e.events();
    }

    @AfterEach
    void empty() {
        e2e.drain(EndToEnd.DEAD);
    }

    /** No setting of the worker but where RabbitMQ is. */
    private static WorkerProcess command(VirtualHost host, String... words) {
        return command(new WorkerSettings(host.springProperties()), words);
    }

    private static WorkerProcess command(WorkerSettings settings, String... words) {
        settings.argument("dead-letters");
        Stream.of(words).forEach(settings::argument);
        // The answer must be nothing but the answer, whatever the worker logs.
        WorkerProcess command = e2e.start(settings.environment("LOGGING_LEVEL_ROOT", "DEBUG"));
        command.awaitEnd();
        return command;
    }

    /** In this process, which is quicker. */
    private static String done(String... words) {
        List<String> settings = e2e.host().springProperties().entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                .toList();
        CommandRun run = CommandRun.of(
                settings,
                Stream.concat(Stream.of("dead-letters"), Stream.of(words)).toArray(String[]::new));
        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.errors()).isEmpty();
        return run.out();
    }

    private static List<JsonNode> json(String answer) {
        return JsonMapper.shared().readTree(answer).valueStream().toList();
    }

    private static JsonNode only(List<JsonNode> letters, String property, Object value) {
        List<JsonNode> found = letters.stream()
                .filter(each -> each.get(property).asString("").equals(value))
                .toList();
        assertThat(found).as(property + " " + value + " in " + letters).hasSize(1);
        return found.get(0);
    }

    private static void awaitDead(VirtualHost host, int count) {
        Await.until(count + " are dead", () -> host.ready(EndToEnd.DEAD) == count);
    }

    /** Without what counts the looks. */
    private static JsonNode headers(QueuedMessage message) {
        return ((ObjectNode) message.properties().get("headers"))
                .without(List.of("x-delivery-count", "x-acquired-count"));
    }

    /** By body. */
    private static Map<String, JsonNode> headersOf(List<QueuedMessage> messages) {
        return messages.stream()
                .collect(Collectors.toMap(
                        QueuedMessage::base64, DeadLettersIT::headers, (one, other) -> one, TreeMap::new));
    }

    private static List<QueuedMessage> look() {
        return e2e.host().server().management().get(e2e.host().name(), EndToEnd.DEAD, 100, AckMode.REJECT_REQUEUE_TRUE);
    }

    @Test
    void oneMessageIsListedShownReplayedAndDiscardedAndTheOthersStay() {
        String source = e2e.database("source");
        e2e.send(JobJson.of("Add", "source", source));
        e2e.events().awaitSuccess("source");
        e2e.databases().damage(source);
        e2e.publish("hello");
        e2e.publish(BINARY);
        e2e.publish(HOSTILE);
        e2e.publish("{\"operation\": \"Explode\"}");
        e2e.publish(
                JobJson.of("Copy", "used-up", e2e.database("used_up"))
                        .source(source)
                        .toString(),
                "job.copy",
                Map.of("correlation_id", "c-1"));
        Event error = e2e.events().awaitError("used-up", "INTERNAL_ERROR");
        awaitDead(e2e.host(), 5);

        List<JsonNode> letters = json(done("list", "--json"));
        awaitDead(e2e.host(), 5);
        String table = done("list");
        awaitDead(e2e.host(), 5);
        Map<String, JsonNode> before = headersOf(look());

        JsonNode usedUp = only(letters, "jobId", "used-up");
        assertThat(usedUp.get("errorCode").asString()).isEqualTo("INTERNAL_ERROR");
        assertThat(usedUp.get("errorMessage").asString()).isEqualTo(error.errorMessage());
        assertThat(usedUp.get("attempt").asInt()).isEqualTo(2);
        assertThat(usedUp.get("routingKey").asString()).isEqualTo("job.copy");
        assertThat(usedUp.get("correlationId").asString()).isEqualTo("c-1");
        assertThat(usedUp.get("firstFailure").asString())
                .isLessThan(usedUp.get("lastFailure").asString());
        assertThat(usedUp.has("body")).as("bodies are for show alone").isFalse();
        assertThat(table.lines()).hasSize(6);
        letters.forEach(letter -> assertThat(table).contains(letter.get("id").asString()));

        JsonNode hello = only(letters, "bytes", "5");
        assertThat(done("show", hello.get("id").asString()))
                .contains("MALFORMED_MESSAGE", "routingKey     job.typed-by-hand", "\n    hello\n");
        assertThat(done("show", only(letters, "bytes", "4").get("id").asString()))
                .contains("AAEC/w==");
        int bytes = HOSTILE.getBytes(StandardCharsets.UTF_8).length;
        String hostile = only(letters, "bytes", String.valueOf(bytes)).get("id").asString();
        assertThat(done("show", hostile))
                .contains("\n    {\"jobId\"", "\n    \\u001b[2J\\u009b2J\n")
                .doesNotContain("\u001b", "\u009b");
        assertThat(json(done("show", "--json", hostile)).get(0).get("body").asString())
                .isEqualTo(HOSTILE);
        awaitDead(e2e.host(), 5);

        e2e.databases().repair(source);
        assertThat(done("replay", "--job-id", "used-up"))
                .startsWith("Replayed " + usedUp.get("id").asString());
        Event created = e2e.events().awaitSuccessAfter(error);
        assertThat(created.attempt()).isEqualTo(3);
        assertThat(created.data().get("maxAttempts").asInt()).isEqualTo(4);
        assertThat(e2e.databases().exists(e2e.database("used_up"))).isTrue();

        assertThat(done("discard", "--yes", hello.get("id").asString())).startsWith("Discarded ");
        awaitDead(e2e.host(), 3);
        Map<String, JsonNode> after = headersOf(look());
        assertThat(after).hasSize(3);
        assertThat(before).containsAllEntriesOf(after);
    }

    @Test
    void replayAllAndDiscardAllIncludeEveryMessage() {
        List.of("one", "two", "three").forEach(e2e::publish);
        awaitDead(e2e.host(), 3);
        List<String> ids = ids(json(done("list", "--json")));
        awaitDead(e2e.host(), 3);

        assertThat(done("replay", "--all").lines()).hasSize(3).allMatch(line -> line.startsWith("Replayed "));
        awaitDead(e2e.host(), 3);
        List<String> again = ids(json(done("list", "--json", "--error-code", "MALFORMED_MESSAGE")));
        assertThat(again).as("they died again, later").hasSize(3).doesNotContainAnyElementsOf(ids);
        awaitDead(e2e.host(), 3);

        for (String selection : List.of("--all", again.get(0))) {
            Call unasked = Call.to(e2e.host(), e2e.secrets());
            assertThat(unasked.run("dead", "discard", selection)).isEqualTo(2);
            assertThat(unasked.err()).contains(" for good. Add --yes if that is meant.");
            Call no = Call.to(e2e.host(), e2e.secrets()).answering("n");
            assertThat(no.run("dead", "discard", selection)).isEqualTo(1);
        }
        awaitDead(e2e.host(), 3);
        assertThat(ids(json(done("discard", "--all", "--yes", "--json")))).containsExactlyInAnyOrderElementsOf(again);
        awaitDead(e2e.host(), 0);
        WorkerProcess list = command(e2e.host(), "list");
        assertThat(list.awaitEnd()).isEqualTo(1);
        assertThat(list.log()).isEmpty();
    }

    /** More than a worker could hold in its memory if it were read at once, and all of it in one look. */
    @Test
    void thousandsAndAHugeBodyAreEachReadOnceAndLeftInTheQueue() throws Exception {
        byte[] huge = new byte[16_000_000];
        Arrays.fill(huge, (byte) 'x');
        try (Connection connection = e2e.host().connectOnce();
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.basicPublish("", EndToEnd.DEAD, MessageProperties.PERSISTENT_BASIC, huge);
            for (int i = 0; i < MANY; i++) {
                channel.basicPublish(
                        "",
                        EndToEnd.DEAD,
                        MessageProperties.PERSISTENT_BASIC,
                        ("no job " + i).getBytes(StandardCharsets.UTF_8));
            }
            channel.waitForConfirmsOrDie();
        }
        awaitDead(e2e.host(), MANY + 1);

        List<JsonNode> letters = json(done("list", "--json"));

        assertThat(ids(letters)).hasSize(MANY + 1).doesNotHaveDuplicates();
        awaitDead(e2e.host(), MANY + 1);
        String id =
                only(letters, "bytes", String.valueOf(huge.length)).get("id").asString();
        assertThat(json(done("show", "--json", id)).get(0).get("body").asString())
                .hasSize(huge.length);
        awaitDead(e2e.host(), MANY + 1);

        assertThat(done("discard", id, "--yes")).startsWith("Discarded " + id);
        awaitDead(e2e.host(), MANY);
        assertThat(done("discard", "--all", "--yes").lines()).hasSize(MANY);
        awaitDead(e2e.host(), 0);
    }

    /** By default the client reads less than 64 MiB. RabbitMQ 3 permits 128 MiB, RabbitMQ 4 only 16 MiB. */
    @Test
    void aBodyOfMoreThan64MebibytesIsListedAndDiscarded() throws Exception {
        try (Connection connection = e2e.host().connectOnce();
                Channel channel = connection.createChannel()) {
            String version = String.valueOf(connection.getServerProperties().get("version"));
            assumeThat(version).startsWith("3.");
            channel.confirmSelect();
            channel.basicPublish("", EndToEnd.DEAD, null, new byte[65 * 1024 * 1024]);
            channel.waitForConfirmsOrDie();
        }
        awaitDead(e2e.host(), 1);

        assertThat(ids(json(done("list", "--json")))).hasSize(1);
        assertThat(done("discard", "--all", "--yes").lines()).hasSize(1);
        awaitDead(e2e.host(), 0);
    }

    private static List<String> ids(List<JsonNode> letters) {
        return letters.stream().map(letter -> letter.get("id").asString()).toList();
    }

    @Test
    void aSelectionWithoutAMessageIsReported() {
        e2e.publish("there");
        awaitDead(e2e.host(), 1);

        WorkerProcess show = command(e2e.host(), "show", "--job-id", "nobody");
        assertThat(show.awaitEnd()).isEqualTo(1);
        assertThat(show.errors()).contains("No such message");
        awaitDead(e2e.host(), 1);
        WorkerProcess discard = command(
                e2e.host(),
                "discard",
                "--error-code",
                "MALFORMED_MESSAGE",
                "--error-code",
                "DEADLOCK",
                "--json",
                "--yes");
        assertThat(discard.awaitEnd()).isEqualTo(1);
        assertThat(discard.errors()).contains("DEADLOCK").doesNotContain("MALFORMED_MESSAGE");
        assertThat(json(discard.log())).hasSize(1);
        awaitDead(e2e.host(), 0);
    }

    @Test
    void aMessageDeadLetteredByTheBrokerIsReplayedAndStaysIfItIsUnroutable() throws Exception {
        try (VirtualHost host = Servers.rabbit().createVirtualHost("DeadLettersIT-alone")) {
            e2e.start(new WorkerSettings(host.springProperties()).server("default", e2e.postgres(), e2e.login()))
                    .awaitReady()
                    .kill();
            host.server()
                    .management()
                    .publish(
                            host.name(),
                            EndToEnd.JOBS,
                            "job.unheard-of",
                            "{}",
                            Map.of(
                                    "correlation_id",
                                    "c-2",
                                    "reply_to",
                                    "answers",
                                    "headers",
                                    Map.of("iw-attempt", 2, "theirs", "x")));
            try (Connection connection = host.connectionFactory().newConnection()) {
                rejectUntilItIsDead(connection, host);

                assertStays(host, EndToEnd.JOBS, connection.createChannel(), Channel::exchangeDelete);
                assertStays(
                        host,
                        "no queue is bound",
                        connection.createChannel(),
                        (channel, name) -> channel.exchangeDeclare(name, BuiltinExchangeType.TOPIC, true));
                connection.createChannel().queueBind(EndToEnd.PROVISION, EndToEnd.JOBS, "job.unheard-of");
            }

            WorkerProcess replay = command(host, "replay", "--error-code", "delivery_limit", "--json");

            assertThat(replay.awaitEnd()).as(replay.tail()).isZero();
            JsonNode letter = json(replay.log()).get(0);
            assertThat(letter.get("routingKey").asString()).isEqualTo("job.unheard-of");
            assertThat(letter.get("lastFailure").asString()).startsWith("20");
            awaitDead(host, 0);
            QueuedMessage back = host.server()
                    .management()
                    .get(host.name(), EndToEnd.PROVISION, 1, AckMode.ACK_REQUEUE_FALSE)
                    .get(0);
            assertThat(back.text()).isEqualTo("{}");
            assertThat(back.routingKey()).isEqualTo("job.unheard-of");
            assertThat(back.properties().get("correlation_id").asString()).isEqualTo("c-2");
            assertThat(back.properties().get("reply_to").asString()).isEqualTo("answers");
            assertThat(headers(back))
                    .isEqualTo(
                            JsonMapper.shared().readTree("{\"iw-attempt\": 2, \"iw-error-code\": \"delivery_limit\"}"));
        }
    }

    @Test
    void onlyAMessageThatAQueueHasLeavesTheDeadQueue() throws Exception {
        try (VirtualHost host = Servers.rabbit().createVirtualHost("DeadLettersIT-mixed")) {
            DeclaredTopology.in(host);
            try (Connection connection = host.connectOnce();
                    Channel channel = connection.createChannel()) {
                // Without an alternate exchange, so that a message with an unknown routing key is returned.
                channel.exchangeDelete(EndToEnd.JOBS);
                channel.exchangeDeclare(EndToEnd.JOBS, BuiltinExchangeType.TOPIC, true);
                channel.queueBind(EndToEnd.PROVISION, EndToEnd.JOBS, "job.add");
                putDead(channel, "Add", "job.add", 40);
                putDead(channel, "Copy", "job.unheard-of", 1);
                putDead(channel, "Delete", "job.add", 40);
            }
            assertThat(json(run(host, 0, "count", "--json")))
                    .extracting(group -> group.get("operation").asString()
                            + group.get("count").asInt())
                    .containsExactly("Add40", "Delete40", "Copy1");
            assertThat(run(host, 0, "replay", "--all", "--dry-run").lines())
                    .hasSize(81)
                    .allMatch(line -> line.startsWith("Would replay "));
            assertThat(run(
                            host,
                            0,
                            "discard",
                            "--operation",
                            "delete",
                            "--database",
                            "Delete_7",
                            "--code",
                            "timeout",
                            "--yes"))
                    .contains("job Delete-7")
                    .hasLineCount(1);
            awaitDead(host, 80);

            String replayed = run(host, 3, "replay", "--all");

            long unroutable = host.ready(EndToEnd.DEAD);
            assertThat(host.ready(EndToEnd.PROVISION) + unroutable)
                    .as("none is lost or there twice")
                    .isEqualTo(80);
            assertThat(replayed.lines()).hasSize(80 - (int) unroutable).noneMatch(line -> line.contains("Copy"));
            assertThat(run(host, 0, "list", "--operation", "Copy")).contains("Copy-0");
        }
    }

    private static void putDead(Channel channel, String operation, String routingKey, int count) throws Exception {
        channel.confirmSelect();
        for (int i = 0; i < count; i++) {
            channel.basicPublish(
                    "",
                    EndToEnd.DEAD,
                    MessageProperties.PERSISTENT_BASIC
                            .builder()
                            .headers(Map.of("iw-routing-key", routingKey, "iw-error-code", "TIMEOUT"))
                            .build(),
                    JobJson.of(operation, operation + "-" + i, operation + "_" + i)
                            .toString()
                            .getBytes(StandardCharsets.UTF_8));
        }
        channel.waitForConfirmsOrDie();
    }

    /** In this process. */
    private static String run(VirtualHost host, int exitCode, String... words) {
        CommandRun run = CommandRun.of(
                new WorkerSettings(host.springProperties()).arguments(),
                Stream.concat(Stream.of("dead"), Stream.of(words)).toArray(String[]::new));
        assertThat(run.exitCode()).as(run.errors()).isEqualTo(exitCode);
        return run.out();
    }

    @Test
    void aKilledReplayLosesNoMessageAndAListLeavesTheirOrder() throws Exception {
        try (VirtualHost host = Servers.rabbit().createVirtualHost("DeadLettersIT-killed")) {
            DeclaredTopology.in(host);
            try (Connection connection = host.connectOnce();
                    Channel channel = connection.createChannel()) {
                putDead(channel, "Add", "job.add", MANY);
            }
            List<String> ids = ids(json(run(host, 0, "list", "--json")));
            awaitDead(host, MANY);
            assertThat(ids(json(run(host, 0, "list", "--json")))).isEqualTo(ids);
            awaitDead(host, MANY);

            WorkerProcess replay = e2e.start(new WorkerSettings(host.springProperties())
                    .argument("dead")
                    .argument("replay")
                    .argument("--all"));
            Await.until("some are replayed", () -> host.ready(EndToEnd.PROVISION) > 0);
            replay.kill();

            Await.until("all are somewhere", () -> host.ready(EndToEnd.DEAD) + host.ready(EndToEnd.PROVISION) >= MANY);
            Set<String> left = new HashSet<>();
            for (String queue : List.of(EndToEnd.DEAD, EndToEnd.PROVISION)) {
                host.server()
                        .management()
                        .get(host.name(), queue, MANY, AckMode.ACK_REQUEUE_FALSE)
                        .forEach(message -> left.add(message.text()));
            }
            assertThat(left).hasSize(MANY);
        }
    }

    private static void rejectUntilItIsDead(Connection connection, VirtualHost host) throws Exception {
        Channel channel = connection.createChannel();
        Await.until("the broker gives it up", () -> {
            GetResponse message = channel.basicGet(EndToEnd.PROVISION, false);
            if (message != null) {
                channel.basicReject(message.getEnvelope().getDeliveryTag(), true);
            }
            return host.ready(EndToEnd.DEAD) == 1;
        });
        channel.close();
    }

    private interface ToExchange {
        void apply(Channel channel, String exchange) throws Exception;
    }

    private static void assertStays(VirtualHost host, String why, Channel channel, ToExchange change) throws Exception {
        change.apply(channel, EndToEnd.JOBS);
        channel.close();
        WorkerProcess replay = command(host, "replay", "--all");
        assertThat(replay.awaitEnd()).isEqualTo(3);
        assertThat(replay.errors()).contains("was not replayed and stays", why);
        awaitDead(host, 1);
    }

    @Test
    void anUnconfirmedReplayIsDuplicatedRatherThanLost() {
        e2e.publish("no job");
        awaitDead(e2e.host(), 1);
        try (Forwarder broker =
                new HeldConfirms(e2e.host().server().host(), e2e.host().server().port())) {
            WorkerProcess replay = command(
                    new WorkerSettings(e2e.host().springProperties())
                            .with("spring.rabbitmq.host", "127.0.0.1")
                            .with("spring.rabbitmq.port", String.valueOf(broker.port())),
                    "replay",
                    "--all");
            assertThat(replay.awaitEnd()).as(replay.tail()).isEqualTo(3);
            assertThat(replay.errors()).contains("did not confirm");
            assertThat(replay.log()).isEmpty();
        }
        awaitDead(e2e.host(), 2);
    }

    @Test
    void anUnreachableBrokerIsReported() {
        WorkerSettings wrong =
                new WorkerSettings(e2e.host().springProperties()).with("spring.rabbitmq.password", "wrong-0d5f1c");
        WorkerProcess refusedBy = command(wrong, "list", "--json");
        assertThat(refusedBy.awaitEnd()).isEqualTo(3);
        assertThat(refusedBy.errors())
                .contains("ACCESS_REFUSED", e2e.host().server().host());
        assertThat(refusedBy.log() + refusedBy.errors()).doesNotContain("wrong-0d5f1c");

        WorkerProcess nobody = command(e2e.host(), "list", "--spring.rabbitmq.port=1");
        assertThat(nobody.awaitEnd()).isEqualTo(3);
        assertThat(nobody.errors()).contains(":1").hasLineCount(1);
        assertThat(nobody.log()).isEmpty();
    }

    @Test
    void aWrongCommandOrSettingDoesNotStartAWorker() {
        WorkerProcess misspelt =
                e2e.start(e2e.settings().argument("dead-leters").argument("list"));
        assertThat(misspelt.awaitEnd()).isEqualTo(2);
        assertThat(misspelt.errors()).contains("dead-leters", "--help");

        WorkerProcess unreadable = command(e2e.host(), "list", "--spring.rabbitmq.port=secret-5e1");
        assertThat(unreadable.awaitEnd()).isEqualTo(2);
        assertThat(unreadable.errors()).contains("spring.rabbitmq.port").doesNotContain("secret-5e1");
    }
}
