package io.instanceworker.messaging.deadletters;

/** The arguments of the command are wrong. The message says why. */
final class UsageException extends RuntimeException {

    UsageException(String message) {
        super(message);
    }
}
