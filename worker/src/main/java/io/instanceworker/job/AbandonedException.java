package io.instanceworker.job;

/**
 * The worker lets go of a job, because it stops and the broker does not take what is to be told. The message stays
 * unacknowledged, so the job comes back to another worker.
 */
public final class AbandonedException extends RuntimeException {
    public AbandonedException(String message) {
        super(message);
    }
}
