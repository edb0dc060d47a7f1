package io.instanceworker.job;

import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import org.jspecify.annotations.Nullable;

/** Hears how a job gets on, on the thread that runs it. */
public interface ProgressListener {

    /** It is looked up what the job is about. */
    default void isFor(Server server, @Nullable Target target) {}

    /** It is certain that something is to be done, and that is about to be done. */
    void begins(JobResult.InProgress begun);

    /** @param step {@code lock}, {@code create}, … */
    default void at(String step) {}
}
