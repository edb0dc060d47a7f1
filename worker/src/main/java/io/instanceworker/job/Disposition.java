package io.instanceworker.job;

import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.retry.Delay;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What to do with the message of a job. */
public sealed interface Disposition {

    /**
     * The job has ended: publish the result, then acknowledge the message.
     *
     * @param deadLettered whether to dead-letter the message too, so that a person can read or replay it
     * @param runId the id of the job's row in the journal
     * @param firstFailureAt when the first attempt failed
     */
    record Ended(
            InstanceStatusEvent event,
            boolean deadLettered,
            @Nullable String runId,
            @Nullable Instant firstFailureAt) implements Disposition {}

    /** The attempt has failed: publish this. Another attempt follows after the delay. */
    record TryAgain(InstanceStatusEvent event, Delay delay, Carried carried) implements Disposition {}

    /** The job could not start: publish nothing. The job is tried again after the delay. */
    record Wait(Delay delay, Carried carried, String reason) implements Disposition {}
}
