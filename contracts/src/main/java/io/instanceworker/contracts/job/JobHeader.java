package io.instanceworker.contracts.job;

import io.instanceworker.contracts.json.Characters;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What every job has.
 *
 * @param jobId 1 to 150 printable characters; where the message has none, derived from its bytes
 * @param server name of a configured server; null for the configured default
 * @param requestedBy who asked, for people to read; handed back in every event of the job
 * @param requestedAt when it was asked; null also where the message does not say it in a form that is known
 * @param deadline past it the job ends as {@code DEADLINE_EXCEEDED}; null for the configured default
 * @param context handed back untouched in every event of the job
 */
public record JobHeader(
        String jobId,
        @Nullable String server,
        @Nullable String requestedBy,
        @Nullable Instant requestedAt,
        @Nullable Instant deadline,
        @Nullable JsonNode context) {

    public static final int MAX_JOB_ID_CHARACTERS = 150;

    /** What is longer is cut, since it only informs. */
    public static final int MAX_REQUESTED_BY_CHARACTERS = 255;

    /** @throws IllegalArgumentException if the jobId is not one */
    public JobHeader {
        if (!isJobId(jobId)) {
            throw new IllegalArgumentException("jobId must be 1 to 150 printable characters");
        }
    }

    /**
     * Whether this is 1 to 150 printable characters, not only spaces; see {@link Characters#isPrintable}. A character is a
     * Unicode code point, so that an id may take up to 600 bytes.
     */
    public static boolean isJobId(String text) {
        return !text.isBlank()
                && text.codePointCount(0, text.length()) <= MAX_JOB_ID_CHARACTERS
                && text.codePoints().allMatch(Characters::isPrintable);
    }
}
