package io.instanceworker.job;

/**
 * This worker stops working on a message: another worker has the job by now, or this worker stops and the broker does not take
 * what has to be published. The message goes back to its queue.
 */
public final class DeliveryLostException extends RuntimeException {
    public DeliveryLostException(String message) {
        super(message);
    }
}
