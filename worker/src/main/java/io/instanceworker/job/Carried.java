package io.instanceworker.job;

import io.instanceworker.journal.JobRun.Progress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a job's message carries while it waits. A job with a row in the journal needs no more than its run id. The rest is for
 * queries, for engines without a journal, and for the time in which the journal cannot be reached.
 *
 * @param runId the run's row in the journal, if there may be one
 * @param progress how far the job is; null where the row says it
 * @param waited how long it has waited since it was received, as far as no row says it
 */
public record Carried(@Nullable String runId, @Nullable Progress progress, Duration waited) {

    /** Of a message that no worker has had before. */
    public static final Carried NOTHING = new Carried(null, null, Duration.ZERO);

    public static Carried run(String runId) {
        return new Carried(runId, null, Duration.ZERO);
    }
}
