package io.instanceworker.messaging.client;

import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.result.OutcomeKind;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event as it arrived. Only its JSON is read, without the checks of a recorder, so that events of a newer worker are shown too.
 */
public record ReceivedEvent(ObjectNode json) {

    /** Null if the message is not JSON. */
    static @Nullable ReceivedEvent read(byte[] body) {
        try {
            return new ReceivedEvent(StrictJson.parseObject(new String(body, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The value of a property as text; null if it is absent. */
    public @Nullable String text(String pointer) {
        JsonNode value = json.at(pointer);
        return value.isMissingNode() || value.isNull() ? null : value.isString() ? value.asString() : value.toString();
    }

    public String jobId() {
        return String.valueOf(text("/data/jobId"));
    }

    public String outcome() {
        return String.valueOf(text("/data/outcome"));
    }

    public boolean succeeded() {
        return outcome().equals(OutcomeKind.SUCCEEDED.jsonName());
    }

    /** Whether no other event of this run of the job follows. */
    public boolean terminal() {
        return OutcomeKind.named(outcome()).map(OutcomeKind::terminal).orElse(false);
    }
}
