package io.instanceworker.job;

import io.instanceworker.journal.JobRun.Progress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of a waiting job's message contain. A job with a row in the journal needs only its run id. The rest is for
 * queries, for engines without a journal, and while the journal cannot be reached.
 *
 * @param runId the id of the run's row in the journal, if there may be a row
 * @param progress the progress of the job; null if the row has it
 * @param waited how long the job has waited since it was received; zero if the row has it
 */
public record Carried(@Nullable String runId, @Nullable Progress progress, Duration waited) {

    /** For a message that no worker has received before. */
    public static final Carried NOTHING = new Carried(null, null, Duration.ZERO);

    public static Carried run(String runId) {
        return new Carried(runId, null, Duration.ZERO);
    }
}
