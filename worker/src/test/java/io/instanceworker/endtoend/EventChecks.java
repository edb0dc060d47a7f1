package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.rabbitmq.client.AMQP.BasicProperties;
import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.contracts.result.EventWriter;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What holds for every event, whatever the test is about. */
final class EventChecks {

    private static final int LONGEST_SHORT_STRING = 255;
    private static final Schema SCHEMA = schema();

    private EventChecks() {}

    static void check(Event event, byte[] body) {
        assertThat(SCHEMA.validate(
                        event.json(), run -> run.executionConfig(config -> config.formatAssertionsEnabled(true))))
                .isEmpty();
        InstanceStatusEvent read = new EventReader().read(body);
        assertThat(new String(new EventWriter().write(read), StandardCharsets.UTF_8))
                .as("what a recorder reads is all that was written")
                .isEqualTo(new String(body, StandardCharsets.UTF_8));

        JsonNode operation = event.data().get("operation");
        assertThat(event.routingKey())
                .isEqualTo("status." + (operation.isNull() ? "unknown" : lower(operation.asString())) + "."
                        + lower(event.outcome()));
        JsonNode status = event.data().get("status");
        assertThat(event.id())
                .isEqualTo(event.jobId() + "/" + event.attempt() + "/"
                        + (status.isNull() ? event.outcome() : status.asString())
                        + (event.data().has("progress") ? "/" + event.data().get("progress") : ""));
        checkProperties(event.properties(), event);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static void checkProperties(BasicProperties properties, Event event) {
        assertThat(properties.getContentType()).isEqualTo("application/cloudevents+json");
        assertThat(properties.getDeliveryMode()).as("persistent").isEqualTo(2);
        assertThat(properties.getAppId()).isEqualTo("instance-worker");
        assertThat(properties.getType()).isEqualTo("io.instanceworker.InstanceStatus.v1");
        // AMQP counts seconds.
        assertThat(properties.getTimestamp().toInstant().getEpochSecond())
                .isEqualTo(Instant.parse(event.json().get("time").asString()).getEpochSecond());
        if (event.id().getBytes(StandardCharsets.UTF_8).length <= LONGEST_SHORT_STRING) {
            assertThat(properties.getMessageId()).isEqualTo(event.id());
            assertThat(properties.getCorrelationId()).isNotBlank();
        }
    }

    private static Schema schema() {
        try (InputStream file = InstanceStatusEvent.class.getResourceAsStream(
                "/io/instanceworker/contracts/schema/result.schema.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(JsonMapper.shared().readTree(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
