package io.instanceworker.journal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the journal needs to know about a message.
 *
 * @param bodySha256 SHA-256 of the body, in hexadecimal digits
 * @param runId from the message's header; used only together with the SHA-256
 * @param redelivered whether the broker has delivered the message to a worker before
 * @param fromWaitQueue whether the message comes from a wait queue
 * @param mayBeReplay whether an operator may have replayed the message from the dead queue
 * @param waited how long ago the job was received, if it has no row in the journal
 * @param progress the progress according to the message's headers
 * @param job the job in the message
 */
public record ReceivedMessage(
        String bodySha256,
        @Nullable String runId,
        boolean redelivered,
        boolean fromWaitQueue,
        boolean mayBeReplay,
        Duration waited,
        JobRun.Progress progress,
        Facts job) {

    /**
     * What the journal records about a job for people.
     *
     * @param databaseName null if the job has no valid database name
     * @param databaseKey the name in the form in which all names of one database are equal
     */
    public record Facts(
            String jobId,
            String operation,
            @Nullable String instanceId,
            @Nullable String tenant,
            @Nullable String databaseName,
            @Nullable String databaseKey,
            @Nullable String source,
            @Nullable String template,
            @Nullable String requestedBy,
            String worker) {}
}
