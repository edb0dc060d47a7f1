package io.instanceworker.job;

/** A job cannot start now. This is not its failure, so it waits and uses up no attempt. */
final class JobDeferredException extends RuntimeException {
    JobDeferredException(String reason) {
        super(reason);
    }
}
