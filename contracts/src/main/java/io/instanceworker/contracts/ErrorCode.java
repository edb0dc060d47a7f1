package io.instanceworker.contracts;

/**
 * Why a job did not succeed. Events carry the name of the constant. The code says whether a retry can help.
 *
 * <p>A job that waits for another job on the same instance, or for a place on its server, has not failed. There is no code for
 * these cases.
 */
public enum ErrorCode {
    MALFORMED_MESSAGE(Kind.REJECTION),
    UNSUPPORTED_OPERATION(Kind.REJECTION),
    UNSUPPORTED_SCHEMA_VERSION(Kind.REJECTION),
    INVALID_REQUEST(Kind.REJECTION),

    INVALID_NAME(Kind.FINAL),
    NAME_TOO_LONG(Kind.FINAL),
    UNKNOWN_SERVER(Kind.FINAL),
    UNKNOWN_TEMPLATE(Kind.FINAL),
    TEMPLATE_NOT_FOUND(Kind.FINAL),
    PROTECTED_DATABASE(Kind.FINAL),
    NOT_MANAGED(Kind.FINAL),
    /** The name belongs to another instance. */
    INSTANCE_CONFLICT(Kind.FINAL),
    /** A job that was received later for the same database has already succeeded. */
    SUPERSEDED(Kind.FINAL),
    SOURCE_NOT_FOUND(Kind.FINAL),
    SOURCE_INVALID(Kind.FINAL),
    INSTANCE_NOT_FOUND(Kind.FINAL),
    INSUFFICIENT_PRIVILEGE(Kind.FINAL),
    COLLATION_MISMATCH(Kind.FINAL),
    UNSUPPORTED_BY_SERVER(Kind.FINAL),
    DEADLINE_EXCEEDED(Kind.FINAL),

    SOURCE_BUSY(Kind.RETRIED),
    SERVER_UNAVAILABLE(Kind.RETRIED),
    TOO_MANY_CONNECTIONS(Kind.RETRIED),
    DEADLOCK(Kind.RETRIED),
    TIMEOUT(Kind.RETRIED),
    DISK_FULL(Kind.RETRIED),
    /** Retried because credentials rotate. */
    AUTHENTICATION_FAILED(Kind.RETRIED),
    INTERNAL_ERROR(Kind.RETRIED);

    private enum Kind {
        REJECTION,
        FINAL,
        RETRIED
    }

    private final Kind kind;

    ErrorCode(Kind kind) {
        this.kind = kind;
    }

    /** Whether the same job may succeed later without anybody changing it. */
    public boolean retryable() {
        return kind == Kind.RETRIED;
    }

    /** Whether the message itself is at fault, so that no job was ever started. */
    public boolean rejection() {
        return kind == Kind.REJECTION;
    }
}
