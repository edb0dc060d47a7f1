package io.instanceworker.contracts.job;

import io.instanceworker.contracts.json.Characters;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The properties that every job has.
 *
 * @param jobId 1 to 150 printable characters; derived from the bytes of the message if the message has none
 * @param server name of a configured server; null for the configured default
 * @param requestedBy who requested the job, for people; repeated in every event of the job
 * @param requestedAt when the job was requested; also null if the message has this time in an unknown format
 * @param deadline after this time the job ends as {@code DEADLINE_EXCEEDED}; null for the configured default
 * @param context repeated unchanged in every event of the job
 */
public record JobHeader(
        String jobId,
        @Nullable String server,
        @Nullable String requestedBy,
        @Nullable Instant requestedAt,
        @Nullable Instant deadline,
        @Nullable JsonNode context) {

    public static final int MAX_JOB_ID_CHARACTERS = 150;

    /** A longer text is cut, because it is only informative. */
    public static final int MAX_REQUESTED_BY_CHARACTERS = 255;

    /** @throws IllegalArgumentException if {@link #isJobId} is false for the jobId */
    public JobHeader {
        if (!isJobId(jobId)) {
            throw new IllegalArgumentException("jobId must be 1 to 150 printable characters");
        }
    }

    /**
     * Whether the text is 1 to 150 printable characters, not only spaces; see {@link Characters#isPrintable}. A character is a
     * Unicode code point, so an id can have up to 600 bytes.
     */
    public static boolean isJobId(String text) {
        return !text.isBlank()
                && text.codePointCount(0, text.length()) <= MAX_JOB_ID_CHARACTERS
                && text.codePoints().allMatch(Characters::isPrintable);
    }
}
