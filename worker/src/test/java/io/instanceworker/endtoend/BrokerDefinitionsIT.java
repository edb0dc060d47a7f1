package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.tds.ServerCertificate;
import io.instanceworker.testing.ChildProcess;
import io.instanceworker.testing.DeployFiles;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.ManagementApi;
import io.instanceworker.testing.Ports;
import io.instanceworker.testing.QueuedMessage;
import io.instanceworker.testing.TempFolder;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A broker set up by the files of deploy/rabbitmq, and what each of its users may do there. */
class BrokerDefinitionsIT {

    private enum Role {
        PUBLISHER,
        WORKER,
        RECORDER,
        OPERATOR,
        MONITOR;

        String file() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final ServerCertificate CERTIFICATE = ServerCertificate.selfSigned("DNS:localhost");
    private static final int TLS_PORT = Ports.free();

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(17).localBroker(BrokerDefinitionsIT::configuration);

    private static final Map<Role, Login> USERS = new EnumMap<>(Role.class);
    private static Path passwordFiles;
    private static WorkerProcess worker;
    private static Events events;

    /** The file's settings, but for the paths and ports of this machine. */
    private static Map<String, String> configuration() {
        Map<String, String> settings = DeployFiles.read("rabbitmq/rabbitmq.conf")
                .lines()
                .filter(line -> line.contains("=") && !line.startsWith("#"))
                .map(line -> line.split(" = ", 2))
                // The fixture manages the broker without TLS.
                .filter(setting -> !setting[0].equals("listeners.tcp") && !setting[0].startsWith("management."))
                .collect(Collectors.toMap(
                        setting -> setting[0],
                        setting -> setting[1]
                                .replace(
                                        "/etc/rabbitmq/tls/ca.crt",
                                        CERTIFICATE.certificate().toString())
                                .replace(
                                        "/etc/rabbitmq/tls/tls.crt",
                                        CERTIFICATE.certificate().toString())
                                .replace(
                                        "/etc/rabbitmq/tls/tls.key",
                                        CERTIFICATE.key().toString())));
        assertThat(settings.put("listeners.ssl.default", "127.0.0.1:" + TLS_PORT))
                .isEqualTo("5671");
        return settings;
    }

    @BeforeAll
    static void importAndStart() throws Exception {
        e2e.host().server().management().importDefinitions(DeployFiles.read("rabbitmq/definitions.json"));
        passwordFiles = passwordFiles();
        importUsers();
        worker = e2e.start(workerSettings(Role.WORKER)).awaitReady();
        events = new Events(as(Role.RECORDER), e2e.secrets());
    }

    @AfterAll
    static void close() {
        events.close();
    }

    /** Passwords that need care in a shell and in JSON. */
    private static Path passwordFiles() throws IOException {
        Path folder = TempFolder.deletedAtExit("users");
        for (Role role : Role.values()) {
            Login user = new Login("instance-" + role.file(), "%s \"q'\\$1` " + role.file());
            USERS.put(role, user);
            e2e.secrets().add(user.password());
            Files.writeString(folder.resolve(role.file()), user.password() + "\n");
        }
        return folder;
    }

    private static void importUsers(String... furtherArguments) throws IOException {
        Path output = Files.createTempFile(passwordFiles, "definitions", ".json");
        List<String> command = new ArrayList<>(
                List.of("sh", DeployFiles.path("rabbitmq/user-definitions").toString(), passwordFiles.toString()));
        command.addAll(List.of(furtherArguments));
        ChildProcess.start(command, output, Map.of()).awaitSuccess();
        String definitions = Files.readString(output);
        Secrets.requireNone(e2e.secrets(), "the definitions", definitions);
        e2e.host().server().management().importDefinitions(definitions);
    }

    private static VirtualHost as(Role role) {
        return e2e.host().as(USERS.get(role));
    }

    private static WorkerSettings settings(Role role) {
        return new WorkerSettings(as(role).springProperties());
    }

    private static WorkerSettings workerSettings(Role role) {
        return withTls(settings(role), "localhost", CERTIFICATE)
                .server("default", e2e.postgres(), e2e.login())
                .without("instance-worker.retry.tiers")
                .with("instance-worker.declare-topology", "false");
    }

    private static WorkerSettings withTls(WorkerSettings settings, String host, ServerCertificate trusted) {
        return settings.with("spring.rabbitmq.host", host)
                .with("spring.rabbitmq.port", String.valueOf(TLS_PORT))
                .with("spring.rabbitmq.ssl.bundle", "rabbitmq")
                .with(
                        "spring.ssl.bundle.pem.rabbitmq.truststore.certificate",
                        trusted.certificate().toString());
    }

    private static void sendAsPublisher(String routingKey, String body) {
        try (ConfirmedSender publisher = new ConfirmedSender(as(Role.PUBLISHER))) {
            publisher.send(routingKey, body);
        }
    }

    @AfterEach
    void empty() {
        e2e.drain(EndToEnd.DEAD);
    }

    @Test
    void theWorkerExportsWhenTheCertificateExpires() throws Exception {
        assertThat(worker.get("/actuator/prometheus").body())
                .containsPattern("(?m)^ssl_chain_expiry_seconds\\{bundle=\"rabbitmq\".* [1-9]");
    }

    @Test
    void theFiveOperationsWorkWithTheRightsOfTheirUsers() {
        String source = e2e.database("source");
        String copy = e2e.database("copy");
        sendAsPublisher("job.add", JobJson.of("Add", "add", source).toString());
        events.awaitSuccess("add");
        sendAsPublisher(
                "job.copy", JobJson.of("Copy", "copy", copy).source(source).toString());
        events.awaitSuccess("copy");
        sendAsPublisher("job.info", JobJson.of("Info", "info", copy).toString());
        events.awaitSuccess("info");
        sendAsPublisher("job.status", JobJson.of("Status", "status").toString());
        events.awaitSuccess("status");
        sendAsPublisher("any.key", JobJson.of("Delete", "delete", copy).toString());
        events.awaitSuccess("delete");
        assertThat(e2e.databases().exists(source)).isTrue();
        assertThat(e2e.databases().exists(copy)).isFalse();
        awaitPolicy(EndToEnd.DEAD, "instance-worker-dead");
        awaitPolicy(Events.QUEUE, "instance-worker-status");
        assertThat(worker.log()).doesNotContain("another machine", "ACCESS_REFUSED");
    }

    /** The management API shows it some seconds after the queue is there. */
    private static void awaitPolicy(String queue, String policy) {
        Await.until(
                "the queue " + queue + " has the policy " + policy,
                () -> e2e.host()
                        .server()
                        .management()
                        .queue("/", queue)
                        .path("policy")
                        .asString("")
                        .equals(policy));
    }

    @Test
    void theOperatorReplaysADeadLetterThroughTls() {
        sendAsPublisher("job.add", "{\"jobId\": \"no-job\"}");
        Await.until("it is dead", () -> e2e.host().ready(EndToEnd.DEAD) == 1);

        WorkerProcess replay = e2e.start(withTls(settings(Role.OPERATOR), "localhost", CERTIFICATE)
                .argument("dead-letters")
                .argument("replay")
                .argument("--all"));

        assertThat(replay.awaitEnd()).as(replay.tail()).isZero();
        Await.until("it is dead again", () -> e2e.host().ready(EndToEnd.DEAD) == 1);
        Await.until("it is rejected again", () -> events.of("no-job").size() == 2);
    }

    @Test
    void theOperatorAddsADatabaseWithInstancectl() {
        CommandRun add = instancectl(Role.OPERATOR, "add", e2e.database("by_operator"), "--template", "");
        assertThat(add.exitCode()).as(add.errors()).isZero();
        assertThat(add.out()).contains("outcome           Succeeded\n", "changed           true\n");
    }

    @Test
    void doctorFindsNothingWrongWithTheWorkersUser() {
        CommandRun doctor = instancectl(Role.WORKER, "doctor");
        assertThat(doctor.out())
                .contains("The user instance-worker may publish and consume.")
                .endsWith("Nothing is wrong.\n");
    }

    private static CommandRun instancectl(Role role, String... words) {
        return CommandRun.of(workerSettings(role).arguments(), words);
    }

    @Test
    void aCertificateOfAnotherIssuerIsRefused() {
        assertRefused("localhost", ServerCertificate.selfSigned(), "Signature does not match");
    }

    @Test
    void aCertificateForAnotherNameIsRefused() {
        assertRefused("127.0.0.1", CERTIFICATE, "No subject alternative names");
    }

    private static void assertRefused(String host, ServerCertificate trusted, String why) {
        WorkerProcess list = e2e.start(withTls(settings(Role.OPERATOR), host, trusted)
                .argument("dead-letters")
                .argument("list"));

        assertThat(list.awaitEnd()).as(list.tail()).isEqualTo(3);
        assertThat(list.errors()).contains(why);
    }

    @Test
    void withAFullDeadQueueAMessageStaysWithTheWorkerUntilThereIsRoom() throws Exception {
        String body = "{\"jobId\": \"waits-for-room\"}";
        holdBack(
                EndToEnd.DEAD,
                Role.OPERATOR,
                () -> sendAsPublisher("job.add", body),
                "A message to the queue with routing key instance.jobs.dead was not taken: the broker refused it");

        assertThat(e2e.drain(EndToEnd.DEAD)).extracting(QueuedMessage::text).containsExactly(body);
        events.await("the refusal", "waits-for-room", event -> event.outcome().equals("Rejected"));
    }

    @Test
    void withAFullStatusQueueAJobStaysWithTheWorkerUntilThereIsRoom() throws Exception {
        events.close();
        try {
            holdBack(
                    Events.QUEUE,
                    Role.RECORDER,
                    () -> sendAsPublisher(
                            "job.status", JobJson.of("Status", "held-back").toString()),
                    "A message to instance.events with routing key status.status.succeeded was not taken: the broker refused it");
        } finally {
            events = new Events(as(Role.RECORDER), e2e.secrets());
        }
        events.awaitSuccess("held-back");
    }

    /** Fills a queue, and empties it as its own user when the worker has said that it does not take a message. */
    private static void holdBack(String queue, Role emptiedBy, Runnable send, String refusal) throws Exception {
        importWithLimit("3");
        try (Connection administrator = e2e.host().connectOnce();
                Connection user = as(emptiedBy).connectOnce()) {
            Channel filler = administrator.createChannel();
            filler.confirmSelect();
            do {
                filler.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, new byte[1]);
            } while (filler.waitForConfirms(10_000));
            long filled = e2e.host().ready(queue);

            send.run();

            worker.awaitLog(refusal);
            assertThat(e2e.host().ready(queue)).isEqualTo(filled);
            user.createChannel().queuePurge(queue);
            Await.until("the message is taken", () -> e2e.host().ready(queue) == 1);
        } finally {
            importWithLimit("100000");
        }
    }

    /** The definitions as they are, but for the limits. */
    private static void importWithLimit(String messages) {
        String definitions = DeployFiles.read("rabbitmq/definitions.json");
        assertThat(definitions).contains("\"max-length\": 100000,");
        e2e.host()
                .server()
                .management()
                .importDefinitions(definitions.replace("\"max-length\": 100000,", "\"max-length\": " + messages + ","));
    }

    private interface Use {
        void by(Channel channel) throws Exception;
    }

    /** Something that can be done at the broker, and who may. */
    private record Permission(String name, Use use, Set<Role> roles) {
        Permission(String name, Use use, Role... roles) {
            this(name, use, Set.of(roles));
        }
    }

    private static final List<Permission> PERMISSIONS = List.of(
            new Permission("publish a job", publish("instance.jobs", "job.add"), Role.PUBLISHER, Role.OPERATOR),
            new Permission("publish a result", publish("instance.events", "status.add.succeeded"), Role.WORKER),
            new Permission("publish to a wait tier", publish("instance.jobs.wait", "job.add"), Role.WORKER),
            new Permission("publish to a queue", publish("", EndToEnd.DEAD), Role.WORKER),
            new Permission("publish as unrouted", publish("instance.jobs.unrouted", "")),
            new Permission("read changes", read(EndToEnd.PROVISION), Role.WORKER),
            new Permission("read queries", read(EndToEnd.QUERY), Role.WORKER),
            new Permission("read a wait tier", read("instance.jobs.wait.5s")),
            new Permission("read dead letters", read(EndToEnd.DEAD), Role.OPERATOR),
            new Permission("read the status queue", read(Events.QUEUE), Role.RECORDER),
            new Permission("purge the status queue", channel -> channel.queuePurge(Events.QUEUE), Role.RECORDER),
            new Permission("read results by a queue of its own", bindOwnQueue("instance.events"), Role.OPERATOR),
            new Permission("read jobs by a queue of its own", bindOwnQueue("instance.jobs")),
            new Permission(
                    "have a queue for replies",
                    channel -> read(channel.queueDeclare().getQueue()).by(channel),
                    Role.PUBLISHER,
                    Role.OPERATOR),
            new Permission(
                    "declare a queue", channel -> channel.queueDeclare("instance.other", true, false, false, null)),
            new Permission("delete a queue", channel -> channel.queueDelete(EndToEnd.DEAD)),
            new Permission("delete an exchange", channel -> channel.exchangeDelete("instance.jobs")),
            new Permission("bind a queue", channel -> channel.queueBind(EndToEnd.QUERY, "instance.jobs", "job.add")),
            new Permission(
                    "unbind a queue", channel -> channel.queueUnbind(EndToEnd.QUERY, "instance.jobs", "job.info")));

    /** The broker checks the permission, and then discards the message with the transaction. */
    private static Use publish(String exchange, String routingKey) {
        return channel -> {
            channel.txSelect();
            channel.basicPublish(exchange, routingKey, MessageProperties.PERSISTENT_BASIC, new byte[1]);
            channel.txRollback();
        };
    }

    private static Use read(String queue) {
        return channel -> channel.basicConsume(queue, false, (tag, message) -> {}, tag -> {});
    }

    private static Use bindOwnQueue(String exchange) {
        return channel -> {
            String queue = channel.queueDeclare().getQueue();
            channel.queueBind(queue, exchange, "#");
            read(queue).by(channel);
        };
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void eachUserMayDoWhatItNeedsAndIsRefusedTheRest(Role role) throws Exception {
        try (Connection connection = as(role).connectOnce()) {
            for (Permission permission : PERMISSIONS) {
                assertThat(isPermitted(connection, permission.use()))
                        .as(role + ": " + permission.name())
                        .isEqualTo(permission.roles().contains(role));
            }
        }
    }

    private static boolean isPermitted(Connection connection, Use use) throws Exception {
        Channel channel = connection.createChannel();
        try {
            use.by(channel);
            channel.close();
            return true;
        } catch (IOException | ShutdownSignalException e) {
            if (replyCode(e) != AMQP.ACCESS_REFUSED) {
                throw e;
            }
            return false;
        }
    }

    private static int replyCode(Throwable e) {
        if (e instanceof ShutdownSignalException signal && signal.getReason() instanceof AMQP.Channel.Close close) {
            return close.getReplyCode();
        }
        return e.getCause() == null ? 0 : replyCode(e.getCause());
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void onlyTheOperatorAndTheMonitorMayUseTheManagementPage(Role role) {
        ManagementApi page = e2e.host().server().management(USERS.get(role));
        if (role == Role.OPERATOR || role == Role.MONITOR) {
            assertThat(page.read("/whoami").get("name").asString()).isEqualTo("instance-" + role.file());
        } else {
            assertThatThrownBy(() -> page.read("/whoami")).hasMessageContaining("401");
        }
    }

    @Test
    void theUsersGetRightsInAnotherVirtualHostThatIsNamed() throws Exception {
        try (VirtualHost other = e2e.host().server().createVirtualHost("school-year")) {
            VirtualHost asOperator = other.as(USERS.get(Role.OPERATOR));
            assertThatThrownBy(asOperator::connectOnce).rootCause().hasMessageContaining("NOT_ALLOWED");

            importUsers(other.name());

            try (Connection connection = asOperator.connectOnce();
                    Channel channel = connection.createChannel()) {
                assertThat(channel.queueDeclare().getQueue()).startsWith("amq.gen-");
            }
        }
    }

    @Test
    void aUserWithAnotherPasswordIsRefused() {
        VirtualHost wrong = e2e.host().as(new Login("instance-worker", "wrong"));
        assertThatThrownBy(wrong::connectOnce).hasMessageContaining("ACCESS_REFUSED");
    }
}
