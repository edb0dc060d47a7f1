package io.instanceworker.testing;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/** A message as the management API hands it out. {@code properties} has AMQP's names, with {@code headers} in it. */
public record QueuedMessage(
        String base64, JsonNode properties, String exchange, String routingKey, boolean redelivered) {

    static QueuedMessage of(JsonNode json) {
        return new QueuedMessage(
                json.get("payload").asString(),
                json.get("properties"),
                json.get("exchange").asString(),
                json.get("routing_key").asString(),
                json.get("redelivered").asBoolean());
    }

    public byte[] bytes() {
        return Base64.getDecoder().decode(base64);
    }

    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }
}
