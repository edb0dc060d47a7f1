package io.instanceworker.job;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.OutcomeKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts what becomes of jobs, for metrics. Servers are named as configured, never as a message has it. */
public interface JobMonitor {

    /**
     * @param operation null where the message names none that is known
     * @param server null where the message leads to no configured server
     */
    void ended(@Nullable Operation operation, OutcomeKind outcome, @Nullable String server, Duration took);

    /** A job could not begin and waits. */
    void waits(Operation operation, String server);
}
