package io.instanceworker.tds;

/** An error message of the server. From severity 20 on, the server ends the connection after it. */
public final class SqlError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    static final int FATAL = 20;

    private final int number;
    private final int severity;

    public SqlError(int number, int severity, String message) {
        super(message, null, false, false);
        this.number = number;
        this.severity = severity;
    }

    int number() {
        return number;
    }

    int severity() {
        return severity;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
