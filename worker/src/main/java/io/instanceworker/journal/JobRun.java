package io.instanceworker.journal;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An open row of the journal, claimed by this worker.
 *
 * @param claim identifies the delivery that this worker has; another delivery of the same run takes the claim away
 * @param age how long ago the message was received or replayed, by the server's clock
 * @param crashes how many workers crashed while they had the claim
 * @param crashedOwner the owner of the sessions of the worker that crashed last, if the claim was taken from it just now
 * @param before the identity of the database that a Delete found before it dropped it
 * @param lastError the code of the latest failure
 */
public record JobRun(
        String runId,
        String claim,
        Duration age,
        Progress progress,
        int crashes,
        @Nullable String crashedOwner,
        @Nullable String before,
        @Nullable String lastError) {

    /**
     * How far a run is.
     *
     * @param attempt the attempt that comes next, from 1
     * @param allowedAttempts the attempt after which the job gives up
     * @param waits how often it has waited since its last failure
     * @param firstFailureAt when its first attempt failed
     */
    public record Progress(
            int attempt,
            int allowedAttempts,
            int waits,
            @Nullable Instant firstFailureAt) {

        /** The one that is further. They differ only where the journal could not be reached after an attempt. */
        Progress orLater(Progress other) {
            return other.attempt > attempt || (other.attempt == attempt && other.waits > waits) ? other : this;
        }
    }
}
