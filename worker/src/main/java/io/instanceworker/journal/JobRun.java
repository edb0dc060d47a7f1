package io.instanceworker.journal;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An open row of the journal, claimed by this worker.
 *
 * @param claim identifies this worker's delivery of the message; another delivery of the same run replaces the claim
 * @param crashes how many workers crashed while they had the claim
 * @param crashedOwner the owner of the crashed worker's sessions, if this delivery has replaced that worker's claim; else null
 * @param startedDrop a drop that an earlier delivery has started, and whose end is not written
 * @param lastError the code of the latest failure
 */
public record JobRun(
        String runId,
        String claim,
        Age age,
        Progress progress,
        int crashes,
        @Nullable String crashedOwner,
        @Nullable StartedDrop startedDrop,
        @Nullable String lastError) {

    /**
     * How old the run is, by the server's clock.
     *
     * @param received how long ago the message was received for the first time
     * @param due how long ago the message was received or, after that, replayed; default deadlines count from then
     */
    public record Age(Duration received, Duration due) {}

    /**
     * A drop that may have been done.
     *
     * @param identity of the database
     * @param age how long ago it was started, by the server's clock
     */
    public record StartedDrop(String identity, Duration age) {}

    /**
     * The progress of a run.
     *
     * @param attempt the next attempt, from 1
     * @param allowedAttempts the number of the last attempt
     * @param waits how often the job has waited since its last failure
     * @param firstFailureAt when the first attempt failed; null if none has failed
     */
    public record Progress(
            int attempt,
            int allowedAttempts,
            int waits,
            @Nullable Instant firstFailureAt) {

        /** The later of two. They differ only if the journal could not be reached after an attempt. */
        Progress orLater(Progress other) {
            return other.attempt > attempt || (other.attempt == attempt && other.waits > waits) ? other : this;
        }
    }
}
