package io.instanceworker.job;

/** A job cannot start now, through no fault of its own; it waits without using an attempt. */
final class JobDeferredException extends RuntimeException {
    JobDeferredException(String reason) {
        super(reason);
    }
}
