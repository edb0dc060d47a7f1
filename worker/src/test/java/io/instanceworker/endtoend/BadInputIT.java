package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Messages that are no jobs: each is kept once, with its reason, and the worker goes on. */
class BadInputIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final String MALFORMED = "MALFORMED_MESSAGE";
    private static final String INVALID = "INVALID_REQUEST";

    private static WorkerProcess worker;

    /** @param jobId whom the rejection is told to; null where nobody can be made out */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Bad(byte[] body, String code, String jobId) {
        private static Bad of(String body, String code, String jobId) {
            return new Bad(body.getBytes(StandardCharsets.UTF_8), code, jobId);
        }

        @Override
        public String toString() {
            return code + " " + new String(body, 0, Math.min(body.length, 80), StandardCharsets.ISO_8859_1);
        }
    }

    @BeforeAll
    static void start() {
        worker = e2e.start(e2e.settings()).awaitReady();
        e2e.events();
    }

    private static List<Bad> bad() {
        String add = "\"operation\": \"Add\", \"instance\": {\"databaseName\": \"db\"}";
        byte[] notUtf8 = "{\"jobId\": \"not-utf8\", \"operation\": \"Add\", \"instance\": {\"databaseName\": \"X\"}}"
                .getBytes(StandardCharsets.UTF_8);
        notUtf8[notUtf8.length - 4] = (byte) 0xC3;
        return List.of(
                Bad.of("", MALFORMED, null),
                Bad.of("  \r\n", MALFORMED, null),
                Bad.of("hello", MALFORMED, null),
                Bad.of("<job/>", MALFORMED, null),
                Bad.of("[" + "{\"jobId\": \"in-a-list\", " + add + "}]", MALFORMED, null),
                Bad.of("\"Add\"", MALFORMED, null),
                Bad.of("42", MALFORMED, null),
                Bad.of("null", MALFORMED, null),
                Bad.of("{\"jobId\": \"truncated\", " + add, MALFORMED, null),
                Bad.of("{\"jobId\": \"two\", " + add + "} {\"jobId\": \"at-once\"}", MALFORMED, null),
                Bad.of("{\"jobId\": \"one\", \"jobId\": \"another\", " + add + "}", MALFORMED, null),
                Bad.of(
                        "{\"jobId\": \"large\", " + add + ", \"context\": \"" + "x".repeat(300 * 1024) + "\"}",
                        MALFORMED,
                        null),
                Bad.of(
                        "{\"jobId\": \"deep\", " + add + ", \"context\": " + "[".repeat(5000) + "]".repeat(5000) + "}",
                        MALFORMED,
                        null),
                new Bad(notUtf8, MALFORMED, null),
                new Bad(new byte[] {0, 1, 2, (byte) 0xFF}, MALFORMED, null),
                Bad.of(
                        "{\"jobId\": \"bad-operation\", \"operation\": \"Explode\"}",
                        "UNSUPPORTED_OPERATION",
                        "bad-operation"),
                Bad.of(
                        "{\"jobId\": \"bad-version\", \"schemaVersion\": \"2.0\", " + add + "}",
                        "UNSUPPORTED_SCHEMA_VERSION",
                        "bad-version"),
                Bad.of(
                        "{\"jobId\": \"number-version\", \"schemaVersion\": 2, " + add + "}",
                        "UNSUPPORTED_SCHEMA_VERSION",
                        "number-version"),
                Bad.of("{\"jobId\": \"no-operation\"}", INVALID, "no-operation"),
                Bad.of("{\"jobId\": \"no-instance\", \"operation\": \"Add\"}", INVALID, "no-instance"),
                Bad.of(
                        "{\"jobId\": \"no-database\", \"operation\": \"Info\", \"instance\": {\"id\": 1}}",
                        INVALID,
                        "no-database"),
                Bad.of(
                        "{\"jobId\": \"no-source\", \"operation\": \"Copy\", \"instance\": {\"databaseName\": \"db\"}}",
                        INVALID,
                        "no-source"),
                Bad.of(
                        "{\"jobId\": \"own-source\", \"operation\": \"Copy\", \"instance\": {\"databaseName\": \"db\"}, \"source\": {\"databaseName\": \"db\"}}",
                        INVALID,
                        "own-source"),
                Bad.of("{\"jobId\": \"kind\", \"operation\": \"Add\", \"instance\": \"db\"}", INVALID, "kind"),
                Bad.of(
                        "{\"jobId\": \"kinds\", \"operation\": \"Add\", \"instance\": {\"databaseName\": [\"db\"]}}",
                        INVALID,
                        "kinds"),
                Bad.of(
                        "{\"jobId\": \"bad-deadline\", " + add + ", \"deadline\": \"tomorrow\"}",
                        INVALID,
                        "bad-deadline"),
                Bad.of(
                        "{\"jobId\": \"bad-page\", \"operation\": \"Status\", \"perPage\": 100000}",
                        INVALID,
                        "bad-page"),
                Bad.of(
                        "{\"jobId\": \"long-name\", \"operation\": \"Add\", \"instance\": {\"name\": \""
                                + "EdFi_Ods".repeat(1_620) + "\"}}",
                        INVALID,
                        "long-name"),
                Bad.of(
                        "{\"jobId\": \"long-ids\", \"operation\": \"Delete\", \"instance\": {\"databaseName\": \"db\", \"id\": \""
                                + "9".repeat(100_000) + "\", \"tenant\": \"" + "t".repeat(100_000) + "\"}}",
                        INVALID,
                        "long-ids"),
                Bad.of("{\"jobId\": {\"no\": \"id\"}, " + add + "}", INVALID, null),
                Bad.of("{\"jobId\": \"" + "x".repeat(151) + "\", " + add + "}", INVALID, null),
                Bad.of("{\"jobId\": \"line\\nbreak\", " + add + "}", INVALID, null));
    }

    @Test
    void badMessagesAreDeadLetteredOnceWithTheReasonAndRejectedIfTheyHaveAJobId() {
        Instant before = Instant.now();
        List<Bad> all = bad();
        all.forEach(each -> e2e.publish(each.body()));
        // Another after each bad one would be the same; one after all shows that no consumer was lost to them.
        for (int i = 0; i < 20; i++) {
            e2e.send(JobJson.of("Status", "good-" + i, e2e.database("absent")));
        }
        for (int i = 0; i < 20; i++) {
            e2e.events().awaitSuccess("good-" + i);
        }
        all.stream()
                .filter(each -> each.jobId() != null)
                .forEach(each -> e2e.events().awaitEnd(each.jobId()));
        Await.until("all are kept", () -> e2e.host().ready(EndToEnd.DEAD) >= all.size());

        List<QueuedMessage> dead = e2e.drain(EndToEnd.DEAD);
        assertThat(dead).hasSameSizeAs(all);
        assertThat(dead.stream().map(QueuedMessage::base64).sorted().toList())
                .isEqualTo(all.stream()
                        .map(each -> Base64.getEncoder().encodeToString(each.body()))
                        .sorted()
                        .toList());
        for (Bad each : all) {
            QueuedMessage message = dead.stream()
                    .filter(m -> Arrays.equals(m.bytes(), each.body()))
                    .findFirst()
                    .orElseThrow();
            checkKept(message, each, before);
        }

        // Other tests of this class have events of their own.
        Set<String> ids = Stream.concat(
                        all.stream().map(Bad::jobId).filter(Objects::nonNull),
                        IntStream.range(0, 20).mapToObj(i -> "good-" + i))
                .collect(Collectors.toSet());
        assertThat(e2e.events().all())
                .filteredOn(event -> ids.contains(event.jobId()))
                .hasSize(20 + (int) all.stream().filter(b -> b.jobId() != null).count());
        all.stream().filter(each -> each.jobId() != null).forEach(BadInputIT::checkTold);
        assertThat(e2e.host().ready(EndToEnd.PROVISION)).isZero();
        assertThat(worker.isRunning()).isTrue();
    }

    private static void checkKept(QueuedMessage message, Bad bad, Instant before) {
        JsonNode headers = message.properties().get("headers");
        assertThat(headers.get("iw-error-code").asString()).as(bad.toString()).isEqualTo(bad.code());
        assertThat(headers.get("iw-error-message").asString()).isNotBlank();
        assertThat(headers.get("iw-attempt").asInt()).isZero();
        assertThat(headers.get("iw-worker").asString()).isEqualTo(worker.name());
        assertThat(headers.get("iw-routing-key").asString()).isEqualTo("job.bytes");
        assertThat(Instant.parse(headers.get("iw-last-failure").asString()))
                .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
        assertThat(headers.get("iw-first-failure")).isEqualTo(headers.get("iw-last-failure"));
        assertThat(headers.path("iw-job-id").asString("none")).isEqualTo(bad.jobId() == null ? "none" : bad.jobId());
        assertThat(message.properties().get("delivery_mode").asInt()).isEqualTo(2);
    }

    private static void checkTold(Bad bad) {
        assertThat(e2e.events().of(bad.jobId())).singleElement().satisfies(event -> {
            assertThat(event.outcome()).isEqualTo("Rejected");
            assertThat(event.errorCode()).isEqualTo(bad.code());
            assertThat(event.errorMessage()).isNotBlank();
            assertThat(event.attempt()).isZero();
            assertThat(event.data().at("/error/retryable").asBoolean()).isFalse();
            assertThat(event.data().get("isError").asBoolean()).isTrue();
            assertThat(event.data().get("willRetry").asBoolean()).isFalse();
        });
    }

    @Test
    void aRejectedEventHasWhatCouldBeReadOfTheJob() {
        e2e.publish("""
                {"JOBID": "partly", "operation": "Delete", "server": "Other", "context": {"a": 1},
                 "instance": {"id": 7, "tenant": "t", "databaseName": 5}}""");

        Event rejected = e2e.events().awaitEnd("partly");

        assertThat(rejected.outcome()).isEqualTo("Rejected");
        assertThat(rejected.routingKey()).isEqualTo("status.delete.rejected");
        assertThat(rejected.data().get("status").asString()).isEqualTo("DeleteError");
        assertThat(rejected.data().get("server").asString()).isEqualTo("Other");
        assertThat(rejected.data().at("/instance/id").asString()).isEqualTo("7");
        assertThat(rejected.data().at("/context/a").asInt()).isEqualTo(1);
        Await.until("it is kept", () -> !e2e.drain(EndToEnd.DEAD).isEmpty());
    }

    @Test
    void aBadMessageIsDeadLetteredForGoodWithAnyHeaders() {
        e2e.publish(
                "no job",
                "some.key",
                Map.of(
                        "headers",
                        Map.of("iw-error-code", "FORGED", "x-forged", "z", "CC", List.of(EndToEnd.PROVISION)),
                        "correlation_id",
                        "c",
                        "expiration",
                        "86400000"));

        Await.until("it is kept", () -> e2e.host().ready(EndToEnd.DEAD) > 0);
        // By its CC it could come back to where it died, and die again.
        e2e.send(JobJson.of("Status", "flush", e2e.database("absent")));
        e2e.events().awaitSuccess("flush");

        assertThat(e2e.drain(EndToEnd.DEAD)).singleElement().satisfies(dead -> {
            assertThat(dead.text()).isEqualTo("no job");
            assertThat(dead.properties().at("/headers/iw-error-code").asString())
                    .isEqualTo(MALFORMED);
            assertThat(dead.properties().get("correlation_id").asString()).isEqualTo("c");
            assertThat(dead.properties().has("expiration"))
                    .as("kept until a person decides")
                    .isFalse();
        });
        assertThat(e2e.host().ready(EndToEnd.PROVISION)).isZero();
    }

    @Test
    void badMessagesInTheQueryQueueAreDeadLetteredToo() {
        Stream.of("nothing", "{}")
                .forEach(body ->
                        e2e.host().server().management().publish(e2e.host().name(), "", EndToEnd.QUERY, body));

        Await.until("both are kept", () -> e2e.host().ready(EndToEnd.DEAD) == 2);
        assertThat(e2e.drain(EndToEnd.DEAD)).hasSize(2);
        // An object without a jobId has one all the same: that of its bytes.
        String hashOfBraces = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assertThat(e2e.events().awaitEnd("sha256-" + hashOfBraces).errorCode()).isEqualTo(INVALID);
    }
}
