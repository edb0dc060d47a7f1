package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.instanceworker.testing.Forwarder;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** A worker that accepts destructive jobs only from listed users of RabbitMQ. */
class DestructiveJobsIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(17);

    private static final int CONFIRM_MILLIS = 10_000;

    private static Login adminApi;
    private static Login operator;
    private static Login mallory;
    private static Login worker;
    private static Forwarder way;

    @BeforeAll
    static void start() {
        adminApi = user("admin-api");
        operator = user("operator");
        mallory = user("mallory");
        worker = user("worker");
        way = new Forwarder(e2e.postgres().host(), e2e.postgres().port());
        e2e.start(as(worker)
                        .server("default", e2e.postgres(), e2e.login())
                        .server("other", "jdbc:postgresql://127.0.0.1:" + way.port() + "/postgres", e2e.login())
                        .connectTimeoutSeconds("other", 1)
                        .with("instance-worker.default-server", "default")
                        .with("instance-worker.destructive-jobs-from", adminApi.username() + "," + operator.username()))
                .awaitReady();
        e2e.events();
    }

    @AfterAll
    static void stop() {
        way.close();
        Stream.of(adminApi, operator, mallory, worker)
                .forEach(e2e.host().server().management()::deleteUser);
    }

    private static Login user(String name) {
        Login user = e2e.host().server().management().createUser(e2e.host().name(), e2e.database(name));
        e2e.secrets().add(user.password());
        return user;
    }

    /** The settings for RabbitMQ with this login. */
    private static WorkerSettings as(Login user) {
        return new WorkerSettings(e2e.host().springProperties())
                .with("spring.rabbitmq.username", user.username())
                .with("spring.rabbitmq.password", user.password());
    }

    private static JobJson delete(String jobId, String database) {
        return JobJson.of("Delete", jobId, e2e.database(database));
    }

    private static void add(String database) {
        e2e.send(JobJson.of("Add", "add-" + database, e2e.database(database)));
        e2e.events().awaitSuccess("add-" + database);
    }

    /** Publishes over the user's own connection. */
    private static void publish(Login user, BasicProperties properties, JobJson job) throws Exception {
        ConnectionFactory factory = e2e.host().connectionFactory();
        factory.setUsername(user.username());
        factory.setPassword(user.password());
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.basicPublish(
                    EndToEnd.JOBS, "job.delete", properties, job.toString().getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
        }
    }

    private static BasicProperties.Builder userId(Login user) {
        return new BasicProperties.Builder().userId(user.username());
    }

    private static void assertRefused(String jobId) {
        Event refused = e2e.events().awaitEnd(jobId);
        assertThat(refused.outcome()).isEqualTo("Rejected");
        assertThat(refused.errorCode()).isEqualTo("INVALID_REQUEST");
        assertThat(refused.errorMessage()).contains("destructive-jobs-from");
    }

    /** Moved to the queue of its server, delayed while that cannot be reached, and then done. */
    @Test
    void aDeleteOfAListedPublisherIsStillItsOwnAfterAMoveAndAWait() throws Exception {
        publish(adminApi, userId(adminApi).build(), delete("moved", "absent").server("other"));
        Await.until(
                "it waits",
                () -> e2e.depths().entrySet().stream()
                        .anyMatch(queue -> queue.getKey().contains("wait") && queue.getValue() > 0));
        way.open();

        e2e.events().awaitSuccess("moved");
    }

    @Test
    void aDeleteOfAnotherPublisherIsRefusedWhateverItsHeadersSay() throws Exception {
        add("kept");
        String row = UUID.randomUUID().toString();
        Map<String, Object> forged = new HashMap<>(Map.of("iw-publisher", adminApi.username(), "iw-run", row));
        publish(mallory, userId(mallory).build(), delete("named", "kept"));
        publish(mallory, userId(mallory).headers(forged).build(), delete("forged", "kept"));
        publish(mallory, new BasicProperties.Builder().headers(forged).build(), delete("anonymous", "kept"));
        e2e.send(delete("management", "kept"));

        Stream.of("named", "forged", "anonymous", "management").forEach(DestructiveJobsIT::assertRefused);

        assertThat(e2e.databases().exists(e2e.database("kept"))).isTrue();
        Await.until("they are dead", () -> e2e.host().ready(EndToEnd.DEAD) == 4);
        assertThat(e2e.drain(EndToEnd.DEAD))
                .filteredOn(message -> message.text().contains("\"forged\""))
                .allSatisfy(message -> assertThat(
                                message.properties().at("/headers/iw-run").asString())
                        .as("a replay finds the row of a job that has waited")
                        .isEqualTo(row))
                .extracting(DestructiveJobsIT::publisher)
                .containsExactly(mallory.username());
    }

    private static String publisher(QueuedMessage message) {
        JsonNode properties = message.properties();
        assertThat(properties.get("user_id").asString()).isEqualTo(worker.username());
        return properties.at("/headers/iw-publisher").asString();
    }

    /** A fact about RabbitMQ on which all of this rests. */
    @Test
    void theBrokerRefusesAMessageWithTheUserIdOfAnotherUser() {
        assertThatThrownBy(() -> publish(mallory, userId(worker).build(), delete("impostor", "absent")))
                .hasStackTraceContaining("PRECONDITION_FAILED");
    }

    @Test
    void anOperatorWhoIsListedVouchesForARefusedDeleteByReplayingIt() throws Exception {
        add("replayed");
        publish(mallory, userId(mallory).build(), delete("to-be-replayed", "replayed"));
        assertRefused("to-be-replayed");
        Await.until("it is dead", () -> e2e.host().ready(EndToEnd.DEAD) == 1);

        WorkerProcess command = e2e.start(as(operator)
                .argument("dead-letters")
                .argument("replay")
                .argument("--job-id")
                .argument("to-be-replayed"));

        assertThat(command.awaitEnd()).as(command.tail()).isZero();
        Await.until("it is done", () -> !e2e.databases().exists(e2e.database("replayed")));
    }
}
