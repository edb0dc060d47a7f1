package io.instanceworker.job;

import io.instanceworker.contracts.result.JobResult;

/** Hears that work on a database is about to begin, on the job's thread; only when it returns does the work begin. */
@FunctionalInterface
public interface ProgressListener {
    void begins(JobResult.InProgress result);
}
