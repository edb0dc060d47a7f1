package io.instanceworker.messaging.deadletters;

/** The command cannot be understood; the message says why. */
final class UsageException extends RuntimeException {

    UsageException(String message) {
        super(message);
    }
}
