package io.instanceworker.job;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.OutcomeKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts the outcomes of jobs, for metrics. The name of a server is always the configured one, never that in a message. */
public interface JobMonitor {

    /**
     * @param operation null if the message has no known operation
     * @param server null if the message names no configured server
     */
    void ended(@Nullable Operation operation, OutcomeKind outcome, @Nullable String server, Duration took);

    /** A job could not start and waits. */
    void waits(Operation operation, String server);
}
