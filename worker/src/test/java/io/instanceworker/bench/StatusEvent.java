package io.instanceworker.bench;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An event of the worker, as far as it is looked at here.
 *
 * @param arrivedAt the recorder's System.nanoTime()
 */
record StatusEvent(
        String jobId,
        String outcome,
        String worker,
        Instant startedAt,
        @Nullable Instant finishedAt,
        long arrivedAt,
        String body) {

    static StatusEvent of(String body, long arrivedAt) {
        JsonNode data = JsonMapper.shared().readTree(body).path("data");
        String finishedAt = data.path("finishedAt").asString("");
        return new StatusEvent(
                data.path("jobId").asString(),
                data.path("outcome").asString(),
                data.path("worker").asString(),
                Instant.parse(data.path("startedAt").asString()),
                finishedAt.isEmpty() ? null : Instant.parse(finishedAt),
                arrivedAt,
                body);
    }

    boolean isEnd() {
        return !outcome.equals("InProgress") && !outcome.equals("Failed");
    }

    /** @throws IllegalStateException if the job did not succeed, so that no failure counts as speed */
    Span span() {
        Instant end = finishedAt;
        if (!outcome.equals("Succeeded") || end == null) {
            throw new IllegalStateException("A job did not succeed: " + body);
        }
        return new Span(millis(startedAt), millis(end));
    }

    private static double millis(Instant instant) {
        return instant.getEpochSecond() * 1e3 + instant.getNano() / 1e6;
    }
}
