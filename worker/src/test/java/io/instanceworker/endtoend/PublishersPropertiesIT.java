package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a publisher can bring about with AMQP properties: an answer to a queue of its own, and nothing else. */
class PublishersPropertiesIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final String NOT_ANSWERED = "reply_to is not answered";

    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        worker = e2e.start(e2e.settings()).awaitReady();
        e2e.events();
    }

    private static String status(String jobId) {
        return JobJson.of("Status", jobId, e2e.database("absent")).toString();
    }

    private static void ask(String jobId, String replyTo) {
        e2e.publish(status(jobId), "job.status", Map.of("reply_to", replyTo));
    }

    private static void assertAnswered(Channel channel, String queue, String jobId) {
        List<GetResponse> answers = new ArrayList<>();
        Await.until("an answer in " + queue, () -> {
            GetResponse answer = channel.basicGet(queue, true);
            return answer != null && answers.add(answer);
        });
        assertThat(new String(answers.get(0).getBody(), StandardCharsets.UTF_8))
                .isEqualTo(e2e.events().awaitSuccess(jobId).body());
    }

    @Test
    void aReplyToQueueWhoseNameStartsWithReplyGetsTheResult() throws Exception {
        try (Connection connection = e2e.host().connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("reply.admin-api", true, false, false, Map.of());
            ask("reply", "reply.admin-api");

            assertAnswered(channel, "reply.admin-api", "reply");
        }
    }

    @Test
    void aServerNamedReplyToQueueGetsTheResult() throws Exception {
        try (Connection connection = e2e.host().connect();
                Channel channel = connection.createChannel()) {
            String queue = channel.queueDeclare().getQueue();
            assertThat(queue).startsWith("amq.gen-");
            ask("server-named", queue);

            assertAnswered(channel, queue, "server-named");
        }
    }

    @Test
    void aDirectReplyToGetsTheResult() throws Exception {
        try (Connection connection = e2e.host().connect();
                Channel channel = connection.createChannel()) {
            BlockingQueue<String> answers = new LinkedBlockingQueue<>();
            channel.basicConsume(
                    "amq.rabbitmq.reply-to",
                    true,
                    (tag, delivery) -> answers.add(new String(delivery.getBody(), StandardCharsets.UTF_8)),
                    tag -> {});
            channel.basicPublish(
                    EndToEnd.JOBS,
                    "job.status",
                    new AMQP.BasicProperties.Builder()
                            .replyTo("amq.rabbitmq.reply-to")
                            .build(),
                    status("direct").getBytes(StandardCharsets.UTF_8));

            Event answered = e2e.events().awaitSuccess("direct");
            Await.until("an answer", () -> !answers.isEmpty());
            assertThat(answers).containsExactly(answered.body());
        }
    }

    /** The worker exports no spans here. */
    @Test
    void theTraceContextOfAJobIsPassedOnToItsResult() {
        String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        e2e.publish(
                status("traced"),
                "job.status",
                Map.of("headers", Map.of("traceparent", traceparent, "tracestate", "vendor=1")));
        e2e.publish(status("traced-badly"), "job.status", Map.of("headers", Map.of("traceparent", "x")));
        e2e.publish(status("not-traced"), "job.status", Map.of());

        Event traced = e2e.events().awaitSuccess("traced");
        assertThat(traced.json().get("traceparent").asString()).isEqualTo(traceparent);
        assertThat(traced.json().get("tracestate").asString()).isEqualTo("vendor=1");
        assertThat(traced.properties().getHeaders().get("traceparent")).hasToString(traceparent);
        for (String job : List.of("traced-badly", "not-traced")) {
            Event event = e2e.events().awaitSuccess(job);
            assertThat(event.json().has("traceparent")).as(job).isFalse();
            assertThat(event.properties().getHeaders()).as(job).doesNotContainKey("traceparent");
        }
    }

    /** The worker moves the job by the exchange whose routing keys are the names of queues. */
    @Test
    void aJobThatIsMovedReachesNoQueueThatItsPublisherNamesInCc() throws Exception {
        try (Connection connection = e2e.host().connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("closed-by-cc", true, false, false, Map.of());
            channel.basicPublish(
                    EndToEnd.JOBS,
                    "job.info",
                    new AMQP.BasicProperties.Builder()
                            .headers(Map.of("CC", List.of("closed-by-cc")))
                            .build(),
                    JobJson.of("Delete", "moved-with-cc", e2e.database("absent"))
                            .toString()
                            .getBytes(StandardCharsets.UTF_8));

            e2e.events().awaitSuccess("moved-with-cc");

            assertThat(channel.basicGet("closed-by-cc", true)).isNull();
        }
    }

    @Test
    void anyOtherReplyToQueueGetsNoResultAndTheLogSaysSo() throws Exception {
        try (Connection connection = e2e.host().connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("payroll", true, false, false, Map.of());
            channel.queueDeclare("not.reply.x", true, false, false, Map.of());
            List<String> closed = List.of(
                    EndToEnd.DEAD, Events.QUEUE, EndToEnd.PROVISION, "instance.jobs.wait.1s", "payroll", "not.reply.x");
            for (int i = 0; i < closed.size(); i++) {
                ask("closed-" + i, closed.get(i));
            }

            for (int i = 0; i < closed.size(); i++) {
                e2e.events().awaitSuccess("closed-" + i);
            }
            Await.until(
                    "the log says so for each",
                    () -> worker.log()
                                    .lines()
                                    .filter(line -> line.contains(NOT_ANSWERED))
                                    .count()
                            == closed.size());
            assertThat(e2e.drain(EndToEnd.DEAD))
                    .noneMatch(message -> message.text().contains("closed-"));
            for (String queue : List.of("payroll", "not.reply.x")) {
                assertThat(e2e.host().ready(queue)).as(queue).isZero();
            }
            assertThat(e2e.events().of("closed-1"))
                    .as("as an event, and not as an answer too")
                    .hasSize(1);
        }
    }

    @Test
    void forgedHeadersCauseNeitherAnAttemptBelowOneNorAnError() {
        List<Object> values = Arrays.asList(
                0, -1, -5_000_000_000L, 1_000_000, Long.MAX_VALUE, 2.5, "many", "", true, List.of(1), Map.of("a", 1));
        List<String> headers = List.of(
                "iw-attempt",
                "iw-max-attempts",
                "iw-waits",
                "iw-received",
                "iw-replay",
                "iw-first-failure",
                "iw-run",
                "iw-tier",
                "iw-redelivered",
                "iw-error-code");
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Map<String, Object> forged = new HashMap<>();
            for (String header : headers) {
                forged.put(header, values.get(i));
            }
            publishForged("forged-all-" + i, forged, jobs);
            forged.remove("iw-error-code");
            publishForged("forged-waiting-" + i, forged, jobs);
            publishForged("forged-attempt-" + i, Map.of("iw-attempt", values.get(i), "iw-max-attempts", 3), jobs);
        }

        for (String job : jobs) {
            e2e.events().awaitEnd(job);
            assertThat(e2e.events().of(job)).as(job).isNotEmpty().allSatisfy(event -> {
                assertThat(event.attempt()).isPositive();
                assertThat(event.data().get("maxAttempts").asLong()).isPositive();
                assertThat(event.data().get("sequence").asLong()).isPositive();
            });
        }
        assertThat(e2e.events().awaitSuccess("add-forged-attempt-0").attempt()).isEqualTo(1);
        assertThat(worker.log()).doesNotContain("defect of the worker");
    }

    private static void publishForged(String name, Map<String, ?> headers, List<String> jobs) {
        Map<String, Object> properties = Map.of("headers", headers);
        e2e.publish(status("status-" + name), "job.status", properties);
        e2e.publish(JobJson.of("Add", "add-" + name, e2e.database("forged")).toString(), "job.add", properties);
        jobs.add("status-" + name);
        jobs.add("add-" + name);
    }
}
