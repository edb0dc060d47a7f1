package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.OutcomeKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts the outcomes of jobs, for metrics. The name of a server is always the configured one, never that in a message. */
public interface JobMonitor {

    /**
     * An attempt that has ended, or a message that was refused.
     *
     * @param operation null if the message has no known operation
     * @param server null if the message names no configured server
     * @param error null after success
     * @param deadLettered whether the message goes to the dead queue
     */
    record Attempt(
            @Nullable Operation operation,
            @Nullable String server,
            OutcomeKind outcome,
            @Nullable ErrorCode error,
            boolean deadLettered,
            Duration took) {}

    void ended(Attempt attempt);

    /** The broker has delivered the job before, and the delivery was not acknowledged. */
    void redelivered(Operation operation, String server);

    /** A job could not start and waits. */
    void waits(Operation operation, String server);
}
