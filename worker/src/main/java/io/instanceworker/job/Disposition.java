package io.instanceworker.job;

import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.retry.Delay;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is to be done with the message of a job. */
public sealed interface Disposition {

    /**
     * It has ended: publish the result, then acknowledge the message.
     *
     * @param deadLettered whether the message goes to the dead queue too, for a person to see or replay
     * @param runId its row in the journal
     * @param firstFailureAt when its first attempt failed
     */
    record Ended(
            InstanceStatusEvent event,
            boolean deadLettered,
            @Nullable String runId,
            @Nullable Instant firstFailureAt) implements Disposition {}

    /** Publish that the attempt failed; another follows after the delay. */
    record TryAgain(InstanceStatusEvent event, Delay delay, Carried carried) implements Disposition {}

    /** It could not start. Nothing is published, and it comes back after the delay. */
    record Wait(Delay delay, Carried carried, String reason) implements Disposition {}
}
