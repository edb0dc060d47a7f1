package io.instanceworker.job;

/**
 * This worker no longer works on a message: another worker has the job now, or this worker stops and the broker has not
 * confirmed what had to be published. The message goes back to its queue.
 */
public final class DeliveryLostException extends RuntimeException {
    public DeliveryLostException(String message) {
        super(message);
    }
}
