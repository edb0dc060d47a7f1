package io.instanceworker.cli.console;

/** The exit codes of all commands. */
public final class ExitCode {

    /** It is done. */
    public static final int DONE = 0;

    /** Something is not there, a job has failed, rows of a file were not sent, or the person at the terminal said no. */
    public static final int NOT_DONE = 1;

    /** The command or a setting makes no sense. Nothing was sent. */
    public static final int USAGE = 2;

    /** RabbitMQ or another server is unreachable, or refused something. */
    public static final int BROKER = 3;

    /** The time that {@code --timeout} gives is over. */
    public static final int TIMEOUT = 4;

    private ExitCode() {}
}
