package io.instanceworker.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.result.JobResult;
import org.jspecify.annotations.Nullable;

/** Hears how a job gets on, on the thread that runs it. */
public interface ProgressListener {

    /** @param instance what the job turned out to be about; null for a look at a whole server */
    default void isFor(String server, @Nullable InstanceRef instance) {}

    /** It is certain that something is to be done, and that is about to be done. */
    void begins(JobResult.InProgress begun);

    /** @param step {@code lock}, {@code create}, … */
    default void at(String step) {}
}
