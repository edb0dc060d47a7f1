package io.instanceworker.job;

/**
 * The worker lets go of a job, because it stops and the broker does not take what is to be told, or because the job may be
 * another worker's by now. The message goes back to its queue.
 */
public final class AbandonedException extends RuntimeException {
    public AbandonedException(String message) {
        super(message);
    }
}
