package io.instanceworker.messaging.deadletters;

import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.messaging.JobHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The facts about a dead letter, by their names in the output. */
final class Facts {

    private Facts() {}

    static ObjectNode of(DeadLetter letter) {
        ObjectNode facts = StrictJson.newObject();
        facts.put("id", letter.id());
        facts.put("jobId", letter.jobId());
        facts.put("operation", letter.operation());
        facts.put("server", letter.server());
        facts.put("databaseName", letter.databaseName());
        facts.put("errorCode", letter.errorCode());
        facts.put("errorMessage", letter.header(JobHeaders.ERROR_MESSAGE));
        facts.put("attempt", letter.number(JobHeaders.ATTEMPT));
        facts.put("maxAttempts", letter.number(JobHeaders.MAX_ATTEMPTS));
        facts.put("firstFailure", letter.failure(JobHeaders.FIRST_FAILURE));
        facts.put("lastFailure", letter.failure(JobHeaders.LAST_FAILURE));
        facts.put("worker", letter.header(JobHeaders.WORKER));
        facts.put("routingKey", letter.routingKey());
        facts.put("replyTo", letter.properties().getReplyTo());
        facts.put("correlationId", letter.properties().getCorrelationId());
        facts.put("bytes", letter.body().length);
        return facts;
    }

    /** The body as text; null if it is not UTF-8. */
    static @Nullable String text(DeadLetter letter) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(letter.body()))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
