package io.instanceworker.messaging.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadLetterTest {

    private static final Map<String, Object> BY_WORKER = Map.of(
            "iw-error-code", "DEADLOCK",
            "iw-attempt", 5,
            "iw-first-failure", "2026-11-20T09:00:00Z",
            "iw-last-failure", "2026-11-20T10:00:00Z",
            "iw-routing-key", "job.add");

    private static final Map<String, Object> BY_BROKER = Map.of(
            "iw-attempt",
            3,
            "theirs",
            "x",
            "x-delivery-count",
            1,
            "x-first-death-queue",
            "instance.jobs.provision",
            "x-death",
            List.of(Map.of(
                    "reason",
                    "delivery_limit",
                    "time",
                    Date.from(Instant.parse("2026-11-20T10:00:00Z")),
                    "routing-keys",
                    List.of("job.copy"))));

    @Test
    void theIdIsTheSameAtEveryReadAndDiffersAfterAnotherDeadLettering() {
        String id = Letters.of("{}", BY_WORKER).id();
        assertThat(id).matches("[0-9a-f]{12}");
        Map<String, Object> looks = new HashMap<>(BY_WORKER);
        looks.put("x-delivery-count", 7L);
        looks.put("x-acquired-count", 7L);
        assertThat(Letters.of("{}", looks).id()).isEqualTo(id);
        looks.put("iw-last-failure", "2026-11-20T10:00:01Z");
        assertThat(Letters.of("{}", looks).id()).isNotEqualTo(id);
        assertThat(Letters.of("{ }", BY_WORKER).id()).isNotEqualTo(id);
        assertThat(Letters.of("{}", Map.of()).id())
                .isNotEqualTo(Letters.of("{}", BY_BROKER).id());
    }

    @Test
    void aReplayHasThePropertiesOfThePublisher() {
        BasicProperties.Builder published = new BasicProperties.Builder()
                .replyTo("answers")
                .correlationId("c-1")
                .contentType("application/json")
                .expiration("1000")
                .userId("somebody");
        DeadLetter letter = Letters.of("{}", published, BY_WORKER);
        BasicProperties replay = letter.propertiesOfReplay("worker");
        assertThat(replay.getReplyTo()).isEqualTo("answers");
        assertThat(replay.getCorrelationId()).isEqualTo("c-1");
        assertThat(replay.getContentType()).isEqualTo("application/json");
        assertThat(replay.getExpiration()).isNull();
        assertThat(replay.getUserId()).isEqualTo("worker");
        assertThat(replay.getDeliveryMode()).isEqualTo(2);
        assertThat(replay.getHeaders())
                .hasSize(BY_WORKER.size() + 1)
                .containsKeys(BY_WORKER.keySet().toArray(new String[0]))
                .containsEntry("iw-attempt", 5)
                .containsEntry("iw-publisher", "somebody");
        assertThat(letter.routingKey()).isEqualTo("job.add");
    }

    @Test
    void aMessageDeadLetteredByTheBrokerIsDescribedByXDeath() {
        DeadLetter letter = Letters.of("{}", BY_BROKER);
        assertThat(letter.errorCode()).isEqualTo("delivery_limit");
        assertThat(letter.routingKey()).isEqualTo("job.copy");
        assertThat(letter.failure("iw-last-failure")).isEqualTo("2026-11-20T10:00:00Z");
        assertThat(letter.propertiesOfReplay("worker").getHeaders())
                .containsOnlyKeys("iw-attempt", "iw-error-code")
                .containsEntry("iw-error-code", "delivery_limit");
    }

    /** Anybody can write the header; only the worker's own user_id vouches for it. */
    @Test
    void theHeaderWithThePublisherIsKeptOnlyFromTheUserWhoReplays() {
        Map<String, Object> named = Map.of("iw-publisher", "admin-api");
        BasicProperties.Builder byWorker = new BasicProperties.Builder().userId("worker");
        BasicProperties.Builder byMallory = new BasicProperties.Builder().userId("mallory");

        assertThat(publisherOfReplay(byWorker, named)).hasToString("admin-api");
        assertThat(publisherOfReplay(byMallory, named)).hasToString("mallory");
        assertThat(publisherOfReplay(new BasicProperties.Builder(), named)).isNull();
    }

    private static Object publisherOfReplay(BasicProperties.Builder published, Map<String, Object> headers) {
        return Letters.of("{}", published, headers)
                .propertiesOfReplay("worker")
                .getHeaders()
                .get("iw-publisher");
    }

    @Test
    void aReplayStaysInItsTrace() {
        Map<String, Object> trace = Map.of(
                "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate", "vendor=1");

        assertThat(Letters.of("{}", trace).propertiesOfReplay("worker").getHeaders())
                .containsOnlyKeys("iw-error-code", "traceparent", "tracestate");
    }

    @Test
    void aMessageWithoutUsableHeadersCanBeReplayed() {
        DeadLetter letter = Letters.of("", Map.of("iw-attempt", "many", "x-death", List.of("?")));
        assertThat(letter.errorCode()).isEqualTo("unknown");
        assertThat(letter.number("iw-attempt")).isNull();
        assertThat(letter.failure("iw-last-failure")).isNull();
        assertThat(letter.routingKey()).isEqualTo("instance.jobs.dead");
        assertThat(letter.propertiesOfReplay("worker").getHeaders()).containsKey("iw-error-code");
    }
}
