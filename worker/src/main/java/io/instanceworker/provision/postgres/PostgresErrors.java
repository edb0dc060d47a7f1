package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * What a failure of the server means for a job. The five-character codes are those of the PostgreSQL manual's appendix A;
 * codes and not texts decide, because texts are translated.
 */
final class PostgresErrors {

    /** Two creations of one name at the same moment: the second fails in a catalog index. */
    static final String UNIQUE_VIOLATION = "23505";

    static final String DUPLICATE_DATABASE = "42P04";
    static final String QUERY_CANCELED = "57014";
    static final String LOCK_NOT_AVAILABLE = "55P03";
    static final String OBJECT_IN_USE = "55006";
    static final String UNDEFINED_DATABASE = "3D000";
    static final String UNDEFINED_TABLE = "42P01";
    static final String INSUFFICIENT_PRIVILEGE = "42501";
    static final String INTERNAL_ERROR = "XX000";
    static final String INVALID_PARAMETER_VALUE = "22023";

    /** As PostgreSQL says it of a DROP of a database that is marked as a template. */
    static final String WRONG_OBJECT_TYPE = "42809";

    /** On a standby: a failover is on its way, or the url leads to the wrong server. Or default_transaction_read_only is on. */
    static final String READ_ONLY = "25006";

    /** The driver itself refuses: the server asks for a password and there is none, or the url asks for TLS and the server has none. */
    private static final String REJECTED_BY_DRIVER = "08004";

    private PostgresErrors() {}

    /** @param doing what needs the privilege: {@code drop it} */
    static ProvisioningException notOwned(String databaseName, String doing) {
        return new ProvisioningException(
                ErrorCode.INSUFFICIENT_PRIVILEGE,
                "The worker's role neither owns \"" + databaseName + "\" nor is a member of its owner, so it cannot "
                        + doing + ".");
    }

    /**
     * @param doing what was tried, to begin a sentence with: {@code Copying "a" to "b"}
     */
    static ProvisioningException translate(String doing, SQLException e) {
        ErrorCode code = code(e);
        return exception(code, doing + " failed: " + reason(code, e), e);
    }

    static ProvisioningException exception(ErrorCode code, String message, SQLException e) {
        return new ProvisioningException(code, message, e.getSQLState(), null, e);
    }

    /** The server's code; where a pool gave up waiting for a connection, that of its last try. */
    static @Nullable String stateOf(SQLException e) {
        return e.getSQLState() == null && e.getCause() instanceof SQLException cause ? stateOf(cause) : e.getSQLState();
    }

    static ErrorCode code(SQLException e) {
        String state = stateOf(e);
        if (state == null) {
            // The pool's own exception: it has no connection, or it has closed a broken one.
            return ErrorCode.SERVER_UNAVAILABLE;
        }
        return switch (state) {
            // 57P01 to 57P03: shutting down, crashed, starting up.
            case "57P01", "57P02", "57P03", READ_ONLY -> ErrorCode.SERVER_UNAVAILABLE;
            case REJECTED_BY_DRIVER ->
                serverText(e) == null ? ErrorCode.AUTHENTICATION_FAILED : ErrorCode.SERVER_UNAVAILABLE;
            case "53300" -> ErrorCode.TOO_MANY_CONNECTIONS;
            case "40001", "40P01" -> ErrorCode.DEADLOCK;
            case QUERY_CANCELED, LOCK_NOT_AVAILABLE -> ErrorCode.TIMEOUT;
            case "53100" -> ErrorCode.DISK_FULL;
            // From the pool: the maintenance database is absent, not the job's.
            case UNDEFINED_DATABASE ->
                e instanceof SQLTransientConnectionException
                        ? ErrorCode.SERVER_UNAVAILABLE
                        : ErrorCode.INSTANCE_NOT_FOUND;
            case OBJECT_IN_USE -> ErrorCode.SOURCE_BUSY;
            case INSUFFICIENT_PRIVILEGE -> ErrorCode.INSUFFICIENT_PRIVILEGE;
            case "42602" -> ErrorCode.INVALID_NAME;
            case INVALID_PARAMETER_VALUE, "0A000" -> ErrorCode.UNSUPPORTED_BY_SERVER;
            case "55000" -> ErrorCode.SOURCE_INVALID;
            default ->
                switch (state.substring(0, 2)) {
                    case "08" -> ErrorCode.SERVER_UNAVAILABLE;
                    case "28" -> ErrorCode.AUTHENTICATION_FAILED;
                    default -> ErrorCode.INTERNAL_ERROR;
                };
        };
    }

    /** A sentence for the event and the log, without the driver's text about a connection, which names hosts. */
    private static String reason(ErrorCode code, SQLException e) {
        String text = said(e);
        return switch (code) {
            case SERVER_UNAVAILABLE -> unavailable(text, e);
            case AUTHENTICATION_FAILED ->
                "the server refused the worker's login." + text + " Correct the server's username, password or url.";
            case TOO_MANY_CONNECTIONS ->
                "the server has no connection left." + text
                        + " Raise max_connections or lower the worker's max-concurrent-jobs.";
            case DISK_FULL -> "the server's disk is full." + text + " Free space there.";
            case INSUFFICIENT_PRIVILEGE ->
                "the worker's role may not do that." + text + " Give it the privilege or the role's membership.";
            case TIMEOUT, DEADLOCK -> "others were in the way." + text + " The job is tried again by itself.";
            default -> text.isEmpty() ? "see the worker's log." : text.strip();
        };
    }

    private static String unavailable(String text, SQLException e) {
        if (isCertificateRefused(e)) {
            return "the server's certificate is refused: its issuer is not trusted, it has expired, or it is for"
                    + " another name. The job is tried again by itself; see TLS in docs/postgresql.md.";
        }
        if (READ_ONLY.equals(stateOf(e))) {
            return "the server can only be read: it is a standby, or its default_transaction_read_only is on." + text
                    + " The job is tried again by itself; see that the url leads to the primary server.";
        }
        return "the server cannot be reached or ended the connection." + text
                + " The job is tried again by itself; see that the server is up and reachable from the worker.";
    }

    /** What the server says, or the driver of a login that it refuses itself. Empty for all else, which may name hosts. */
    static String said(SQLException e) {
        String server = serverText(e);
        if (server != null) {
            return " The server says: " + server + ".";
        }
        return Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                .filter(cause ->
                        cause instanceof PSQLException driver && REJECTED_BY_DRIVER.equals(driver.getSQLState()))
                .map(cause -> " The driver says: "
                        + String.valueOf(cause.getMessage()).replaceFirst("\\.?$", "."))
                .findFirst()
                .orElse("");
    }

    /** For a certificate with another name the driver throws nothing more than a text, with the name of its verifier. */
    private static boolean isCertificateRefused(SQLException e) {
        return Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause instanceof CertificateException
                        || String.valueOf(cause.getMessage()).contains("PgjdbcHostnameVerifier"));
    }

    /** The server's own message; null if the failure did not come from the server. */
    static @Nullable String serverText(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof PSQLException p && p.getServerErrorMessage() != null) {
                return p.getServerErrorMessage().getMessage();
            }
        }
        return null;
    }
}
