package io.instanceworker.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of the journal, for people.
 *
 * @param lastError the code of the latest failed attempt
 * @param running whether a worker has the job now; false also for a job that has ended
 * @param outcome null for a job that has not ended
 */
public record HistoryEntry(
        String runId,
        String jobId,
        String operation,
        @Nullable String instanceId,
        @Nullable String tenant,
        @Nullable String source,
        @Nullable String template,
        @Nullable String requestedBy,
        String worker,
        Instant receivedAt,
        int attempt,
        int crashes,
        @Nullable String lastError,
        @Nullable Instant nextAttemptAt,
        boolean running,
        @Nullable String outcome,
        @Nullable String errorCode,
        boolean deadLettered,
        @Nullable Instant endedAt) {}
