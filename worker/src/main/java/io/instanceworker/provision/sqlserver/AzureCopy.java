package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.StillRunningException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What Azure SQL Database says of a copy while it runs and after it has failed. Only some logins may see it.
 *
 * @param percent null if it is not known
 * @param errorNumber 0 if there is none, or it is not known
 * @param error why the copy failed
 */
record AzureCopy(
        @Nullable Integer percent,
        int errorNumber,
        @Nullable String error) {

    private static final AzureCopy UNKNOWN = new AzureCopy(null, 0, null);

    static AzureCopy of(Connection server, String database) throws SQLException {
        try (PreparedStatement statement = server.prepareStatement(TSql.AZURE_COPY)) {
            statement.setString(1, database);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new AzureCopy(
                                row.getObject("percent_complete", Integer.class),
                                row.getInt("error_code"),
                                row.getString("error_desc"))
                        : UNKNOWN;
            }
        } catch (SQLException e) {
            if (SqlServerErrors.code(e) == ErrorCode.INSUFFICIENT_PRIVILEGE
                    || SqlServerErrors.number(e) == SqlServerErrors.NO_SUCH_OBJECT) {
                return UNKNOWN;
            }
            throw e;
        }
    }

    StillRunningException stillRunning() {
        return percent == null ? new StillRunningException(toString()) : new StillRunningException(toString(), percent);
    }

    /** For people. */
    @Override
    public String toString() {
        return "the copy is " + (percent == null ? "under way" : "at " + percent + " %");
    }
}
