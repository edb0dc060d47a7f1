package io.instanceworker.journal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A message as the journal has to know it.
 *
 * @param bodySha256 of the body, in hexadecimal digits
 * @param runId from the message's header; counts only together with the body
 * @param redelivered whether the broker gave it to a worker before
 * @param fromWaitQueue whether it comes from a wait queue, where a worker put it
 * @param waited how long it has waited without a row in the journal, because the server could not be reached
 * @param progress how far it is, as far as the message itself says
 * @param job what it asks for
 */
public record ReceivedMessage(
        String bodySha256,
        @Nullable String runId,
        boolean redelivered,
        boolean fromWaitQueue,
        Duration waited,
        JobRun.Progress progress,
        Facts job) {

    /**
     * What the journal keeps of a job for people.
     *
     * @param databaseName null if it could not be found out
     * @param databaseKey the name in the form in which the server compares names
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

    /** Whether an operator has sent it back from the dead queue. */
    boolean mayBeReplay() {
        return runId != null && !redelivered && !fromWaitQueue;
    }
}
