package io.instanceworker.job;

/** A job cannot begin now, through no fault of its own; it waits without using an attempt. */
final class MustWaitException extends RuntimeException {
    MustWaitException(String reason) {
        super(reason);
    }
}
