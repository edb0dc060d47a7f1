package io.instanceworker.cli.console;

/** The arguments of a command are wrong. The message says why. */
public final class UsageException extends RuntimeException {

    public UsageException(String message) {
        super(message);
    }
}
