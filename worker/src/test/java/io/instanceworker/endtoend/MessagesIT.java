package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Jobs as people and services really send them: the body alone decides. */
class MessagesIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    @BeforeAll
    static void start() {
        e2e.databases().createTemplate(e2e.database("tpl"), 2);
        e2e.start(e2e.settings().template("default", "Minimal", e2e.database("tpl")))
                .awaitReady();
        e2e.events();
    }

    @Test
    void aJobInThePascalCaseOfDotNetIsAccepted() {
        String database = e2e.database("Pascal");
        e2e.publish("""
                {"SchemaVersion": "1.0", "JobId": "pascal", "Operation": "ADD", "Server": "DEFAULT",
                 "Instance": {"Id": 42, "Tenant": "T", "Name": null, "DatabaseName": "%s"},
                 "Template": "minimal", "Source": null, "WhenSourceBusy": "Wait", "AllowUnmanaged": false,
                 "RequestedBy": "admin-api", "RequestedAt": "2026-11-20T10:00:00.1234567+01:00",
                 "Deadline": "%s", "Context": {"OdsInstanceId": 7}, "UnknownToUs": [1]}
                """.formatted(database, Instant.now().plus(Duration.ofDays(1))));

        Event created = e2e.events().awaitSuccess("pascal");

        assertThat(created.data().at("/instance/id").asString()).isEqualTo("42");
        assertThat(created.data().at("/context/OdsInstanceId").asInt()).isEqualTo(7);
        assertThat(e2e.databases().mark(database).template()).isEqualTo("Minimal");
    }

    @Test
    void aJobInLowerCaseWithUnknownPropertiesIsAccepted() {
        e2e.publish("""
                {"jobid": "lower", "operation": "status", "instance": {"databasename": "%s", "colour": "green"},
                 "priority": {"deep": [null]}}
                """.formatted(e2e.database("lower")));

        assertThat(e2e.events().awaitSuccess("lower").state()).isEqualTo("NOT_FOUND");
    }

    @Test
    void aJobWithAByteOrderMarkIsAccepted() {
        e2e.publish(("\uFEFF" + status("byte-order-mark")).getBytes(StandardCharsets.UTF_8));

        e2e.events().awaitSuccess("byte-order-mark");
    }

    @Test
    void contentTypeAndHeadersAreIgnored() {
        List<Map<String, Object>> claims = List.of(
                Map.of(),
                Map.of("content_type", "application/xml"),
                Map.of("content_type", "json"),
                Map.of("content_type", "", "content_encoding", "utf-16"),
                Map.of("content_type", "application/x-java-serialized-object"),
                Map.of(
                        "content_type", "application/json",
                        "content_encoding", "gzip",
                        "headers", Map.of("__TypeId__", "com.example.Job", "iw-attempt", "many", "iw-waits", -1)),
                Map.of("message_id", "", "type", "Job", "app_id", "x", "priority", 9, "expiration", "3600000"));
        for (int i = 0; i < claims.size(); i++) {
            e2e.publish(status("claim-" + i), "job.status", claims.get(i));
        }

        for (int i = 0; i < claims.size(); i++) {
            assertThat(e2e.events().awaitSuccess("claim-" + i).attempt()).isEqualTo(1);
        }
    }

    @Test
    void aJobWithAnyRoutingKeyIsAccepted() {
        List<String> keys = List.of("", "job.add", "JOB.STATUS", "job.", "nonsense", "a.b.c.d", "#", "*", " ");
        for (int i = 0; i < keys.size(); i++) {
            e2e.publish(status("key-" + i), keys.get(i), Map.of());
        }

        for (int i = 0; i < keys.size(); i++) {
            e2e.events().awaitSuccess("key-" + i);
        }
    }

    @Test
    void aJobInEitherQueueIsAcceptedForAnyOperation() {
        String database = e2e.database("lanes");
        publishTo(EndToEnd.QUERY, JobJson.of("Add", "add-from-query", database));
        e2e.events().awaitSuccess("add-from-query");

        publishTo(EndToEnd.PROVISION, JobJson.of("Info", "info-from-provision", database));
        e2e.events().awaitSuccess("info-from-provision");
    }

    private static void publishTo(String queue, JobJson job) {
        e2e.host().server().management().publish(e2e.host().name(), "", queue, job.toString());
    }

    @Test
    void aJobWithoutAJobIdGetsOneDerivedFromItsBytes() throws Exception {
        String body = JobJson.of("Status", "none", e2e.database("no_id"))
                .without("jobId")
                .toString();
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
        String jobId = "sha256-" + HexFormat.of().formatHex(hash);
        e2e.publish(body);
        e2e.publish(body);

        Await.until("both answers", () -> e2e.events().of(jobId).size() == 2);

        assertThat(e2e.events().of(jobId)).extracting(Event::id).containsOnly(jobId + "/1/Succeeded");
    }

    @Test
    void numbersAreAcceptedAsIds() {
        String database = e2e.database("numbers");
        e2e.publish(
                "{\"jobId\": 4711, \"operation\": \"Add\", \"template\": \"\", \"instance\": {\"id\": 42, \"databaseName\": \""
                        + database + "\"}}");
        assertThat(e2e.events().awaitSuccess("4711").data().at("/instance/id").asString())
                .isEqualTo("42");

        e2e.send(JobJson.of("Delete", "numbers", database).instance("id", "42"));

        assertThat(e2e.events().awaitSuccess("numbers").data().get("changed").asBoolean())
                .isTrue();
    }

    @Test
    void everyEventHasTheUnchangedContext() {
        String context = """
                {"odsInstanceId": 7, "Empty": {}, "list": [null, true, -0.10, 12345678901234567890123, 1E400],
                 "text": "Żółć \\"quoted\\" \\n \\u0001 😀", "": [], "password": "no secret of ours"}""";
        String body = JobJson.of("Add", "context", e2e.database("context")).toString();
        e2e.publish(body.substring(0, body.length() - 1) + ",\"context\":" + context + "}");

        e2e.events().awaitSuccess("context");

        JsonMapper exact = JsonMapper.builder()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();
        assertThat(e2e.events().of("context"))
                .hasSize(2)
                .allSatisfy(event -> assertThat(exact.readTree(event.body()).at("/data/context"))
                        .isEqualTo(exact.readTree(context)));
    }

    @Test
    void aReplyQueueGetsOnlyTheEndOfTheJob() throws Exception {
        try (Connection connection = e2e.host().connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            String answers =
                    channel.queueDeclare("", false, true, true, Map.of()).getQueue();
            Map<String, Object> properties = Map.of("reply_to", answers, "correlation_id", "call-1");
            e2e.publish(JobJson.of("Add", "asked", e2e.database("asked")).toString(), "job.add", properties);
            Event created = e2e.events().awaitSuccess("asked");
            assertThat(e2e.events().outcomes("asked")).containsExactly("InProgress", "Succeeded");
            assertThat(e2e.events().of("asked"))
                    .extracting(event -> event.properties().getCorrelationId())
                    .containsOnly("call-1");
            e2e.publish("{\"operation\": \"Status\", \"jobId\": []}", "job.status", properties);
            e2e.publish(status("asked-too"), "job.status", properties);
            e2e.publish("{\"operation\": \"Nonsense\", \"jobId\": \"asked-nonsense\"}", "job.status", properties);

            List<GetResponse> got = new ArrayList<>();
            Await.until("three answers", () -> {
                GetResponse response = channel.basicGet(answers, true);
                if (response != null) {
                    got.add(response);
                }
                return got.size() == 3;
            });

            String first = new String(got.get(0).getBody(), StandardCharsets.UTF_8);
            assertThat(first).isEqualTo(created.body());
            assertThat(got.get(0).getProps().getCorrelationId()).isEqualTo("call-1");
            assertThat(got.get(0).getProps().getMessageId()).isEqualTo(created.id());
            assertThat(channel.basicGet(answers, true)).isNull();
        }
    }

    @Test
    void aJobWithAMissingReplyQueueEnds() {
        e2e.publish(status("left"), "job.status", Map.of("reply_to", "no-such-queue"));
        e2e.publish(status("left-again"), "job.status", Map.of("reply_to", "amq.rabbitmq.reply-to.gone"));

        e2e.events().awaitSuccess("left");
        e2e.events().awaitSuccess("left-again");
        Await.until("nothing is left", () -> e2e.host().ready(EndToEnd.QUERY) == 0);
    }

    @Test
    void theJobIdIsTheCorrelationIdIfTheMessageHasNone() {
        e2e.publish(status("uncorrelated"));

        assertThat(e2e.events().awaitSuccess("uncorrelated").properties().getCorrelationId())
                .isEqualTo("uncorrelated");
    }

    @Test
    void theLongestNamesAreAccepted() {
        String jobId = "x".repeat(148) + "Ж😀";
        String tenant = "Ж".repeat(150);
        e2e.send(JobJson.of("Status", jobId, e2e.database("long")).instance("tenant", tenant));

        Event told = e2e.events().awaitSuccess(jobId);

        assertThat(told.json().get("subject").asString()).isEqualTo(tenant + "/" + e2e.database("long"));
    }

    private static String status(String jobId) {
        return JobJson.of("Status", jobId, e2e.database("absent")).toString();
    }
}
