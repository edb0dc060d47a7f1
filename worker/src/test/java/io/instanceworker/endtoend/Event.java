package io.instanceworker.endtoend;

import com.rabbitmq.client.AMQP.BasicProperties;
import tools.jackson.databind.JsonNode;

/** An event as a recorder gets it. */
record Event(String routingKey, BasicProperties properties, String body, JsonNode json) {

    JsonNode data() {
        return json.get("data");
    }

    String id() {
        return json.get("id").asString();
    }

    String jobId() {
        return data().get("jobId").asString();
    }

    String outcome() {
        return data().get("outcome").asString();
    }

    int attempt() {
        return data().get("attempt").asInt();
    }

    /** Null where all went well. */
    String errorCode() {
        return data().get("error").isNull() ? null : data().at("/error/code").asString();
    }

    String errorMessage() {
        return data().at("/error/message").asString();
    }

    String state() {
        return data().at("/state/name").asString();
    }

    /** The end of this run of the job. */
    boolean isFinal() {
        return switch (outcome()) {
            case "Succeeded", "Error", "Rejected" -> true;
            default -> false;
        };
    }

    @Override
    public String toString() {
        return routingKey + " " + body;
    }
}
