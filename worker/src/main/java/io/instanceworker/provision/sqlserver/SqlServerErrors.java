package io.instanceworker.provision.sqlserver;

import com.microsoft.sqlserver.jdbc.SQLServerException;
import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a failure of the server means for a job. The server's error numbers decide, and not texts, which are translated. They are
 * documented in <a href="https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors">
 * Database engine events and errors</a>, those of Azure SQL Database in
 * <a href="https://learn.microsoft.com/en-us/azure/azure-sql/database/troubleshoot-common-errors-issues">its own list</a>.
 */
final class SqlServerErrors {

    static final int DATABASE_EXISTS = 1801;
    static final int RESTORE_OVER_EXISTING = 3154;
    static final int CANNOT_DROP_ABSENT = 3701;
    static final int CANNOT_OPEN_DATABASE = 4060;
    static final int NO_SUCH_DATABASE = 911;
    static final int NO_SUCH_OBJECT = 208;
    static final int NO_CREATE_DATABASE = 262;
    static final int LOGIN_FAILED = 18456;
    static final int NO_ACCESS = 916;

    /** Azure SQL Database makes another copy of the source. */
    static final int SOURCE_IS_COPIED = 40565;

    static final int DATABASE_IN_USE = 3702;
    private static final int NO_DBCC = 2571;

    private SqlServerErrors() {}

    /** @param doing what was tried, to begin a sentence with: {@code Copying "a" to "b"} */
    static ProvisioningException translate(String doing, SQLException e) {
        ErrorCode code = code(e);
        return exception(code, doing + " failed: " + reason(code, e), e);
    }

    static ProvisioningException exception(ErrorCode code, String message, @Nullable SQLException e) {
        return new ProvisioningException(
                code, message, e == null ? null : e.getSQLState(), e == null || number(e) == 0 ? null : number(e), e);
    }

    /** The server's error number; where a pool gave up waiting for a connection, that of its last try. 0 if there is none. */
    static int number(SQLException e) {
        return e.getErrorCode() == 0 && e.getCause() instanceof SQLException cause ? number(cause) : e.getErrorCode();
    }

    static ErrorCode code(SQLException e) {
        return switch (number(e)) {
            // 4060: the database is known to exist, so it is starting. 6005, 17142, 17187: the server stops, is paused
            // or not ready. 18401, 18451, 18461: it lets only administrators in. From 40000 on: Azure, 40532, 40615,
            // 40914
            // and 47073 its firewall. The others: the connection broke.
            case CANNOT_OPEN_DATABASE,
                    6005,
                    17142,
                    17187,
                    18401,
                    18451,
                    18461,
                    4221,
                    40020,
                    40143,
                    40166,
                    40197,
                    40501,
                    40532,
                    40540,
                    40613,
                    40615,
                    40914,
                    47073,
                    42108,
                    42109,
                    64,
                    233,
                    596,
                    10053,
                    10054,
                    10060 -> ErrorCode.SERVER_UNAVAILABLE;
            case LOGIN_FAILED, 18452, 18470, 18486, 18487, 18488 -> ErrorCode.AUTHENTICATION_FAILED;
            case 49918, 49919, 49920, 10928, 10929, 17809 -> ErrorCode.TOO_MANY_CONNECTIONS;
            case 1205 -> ErrorCode.DEADLOCK;
            // 1807: another CREATE DATABASE has model. 1222: lock timeout. 3617: the statement was cancelled. 921, 922,
            // 952: the
            // database is not recovered yet.
            case 1222, 1807, 3617, 921, 922, 952 -> ErrorCode.TIMEOUT;
            // 3702, 5030, 5061, 5064, 924: somebody is connected. 927: it is being restored. 3023: a backup is running.
            case DATABASE_IN_USE, 5030, 5061, 5064, 5069, 924, 927, 3023, 3041, SOURCE_IS_COPIED ->
                ErrorCode.SOURCE_BUSY;
            case 1105, 9002, 5149, 1101, 3202, 3257, 40544 -> ErrorCode.DISK_FULL;
            case NO_CREATE_DATABASE, 229, 230, NO_ACCESS, 297, 300, NO_DBCC, 5011, 6102, 15151, 15247, 3110, 15404 ->
                ErrorCode.INSUFFICIENT_PRIVILEGE;
            // 15233: the extended property is there already.
            case DATABASE_EXISTS, RESTORE_OVER_EXISTING, 15233 -> ErrorCode.INSTANCE_CONFLICT;
            case 942, 945, 926 -> ErrorCode.SOURCE_INVALID;
            // 3906: the database is read-only. 3241, 3242, 3243: no backup, or of a newer version. 41922, 41938:
            // encrypted by Azure itself. 1844: this
            // edition does not have the feature.
            case 3906, 3241, 3242, 3243, 3169, 1844, 40508, 40510, 40515, 40517, 40518, 15281, 41922, 41938 ->
                ErrorCode.UNSUPPORTED_BY_SERVER;
            case NO_SUCH_DATABASE, CANNOT_DROP_ABSENT -> ErrorCode.INSTANCE_NOT_FOUND;
            default -> isDisconnected(e) ? ErrorCode.SERVER_UNAVAILABLE : ErrorCode.INTERNAL_ERROR;
        };
    }

    /** The failure is about a backup file: it is not there, or cannot be read. */
    static boolean isOfBackupFile(SQLException e) {
        return switch (number(e)) {
            case 3183, 3201, 3203, 3241, 3242, 3243 -> true;
            default -> false;
        };
    }

    /** SQLSTATE 08 is the driver's for a connection that could not be opened or broke. */
    private static boolean isDisconnected(SQLException e) {
        return String.valueOf(e.getSQLState()).startsWith("08") || (e.getSQLState() == null && serverText(e) == null);
    }

    /** A sentence for the event and the log, without the driver's text about a connection, which names hosts. */
    private static String reason(ErrorCode code, SQLException e) {
        String said = serverText(e);
        String text = said == null ? "" : " The server says: " + said;
        return switch (code) {
            case SERVER_UNAVAILABLE ->
                isCertificateRefused(e)
                        ? "the server's certificate is refused: its issuer is not trusted, it has expired, or it is for"
                                + " another name. The job is tried again by itself; see TLS in docs/sqlserver.md."
                        : "the server cannot be reached or ended the connection." + text
                                + " The job is tried again by itself; see that the server is up and reachable from the worker.";
            case AUTHENTICATION_FAILED ->
                "the server refused the worker's login." + text + " Correct the server's username or password.";
            case TOO_MANY_CONNECTIONS ->
                "the server takes no more connections or requests." + text + " Lower the worker's max-concurrent-jobs.";
            case DISK_FULL -> "the server's disk, log or backup folder is full." + text + " Free space there.";
            case INSUFFICIENT_PRIVILEGE ->
                "the worker's login may not do that." + text
                        + (number(e) == NO_DBCC
                                ? " Only sysadmin may: add the login to it, or set properties.copy-method to full."
                                : " Give it the permission that docs/sqlserver.md lists.");
            case TIMEOUT, DEADLOCK, SOURCE_BUSY ->
                "others were in the way." + text + " The job is tried again by itself.";
            default -> advice(number(e)) + (text.isEmpty() ? " See the worker's log." : text);
        };
    }

    private static boolean isCertificateRefused(SQLException e) {
        return Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                .anyMatch(CertificateException.class::isInstance);
    }

    private static String advice(int number) {
        return switch (number) {
            case 3201, 3203 ->
                "the server could not open or read the backup file. See that its service account may write and read the"
                        + " backup folder, and that no other program has the file.";
            case 3241, 3242, 3243 -> "the file is no backup that this server can read.";
            case 3169 -> "the backup was made by a newer version of SQL Server.";
            case 41922, 41938 ->
                "the database is encrypted with a key of Azure itself, so that nobody can back it up. Encrypt the instance with"
                        + " a customer-managed key, or turn the encryption of this database off and drop its encryption key"
                        + " (docs/sqlserver.md).";
            case 1834, 5170 ->
                "a file of that path is there already. It belongs to another database, or was left behind.";
            default -> "see what the server says.";
        };
    }

    /** The server's own message; null if the failure did not come from the server. */
    static @Nullable String serverText(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLServerException s && s.getSQLServerError() != null) {
                return s.getSQLServerError().getErrorMessage();
            }
        }
        return null;
    }
}
