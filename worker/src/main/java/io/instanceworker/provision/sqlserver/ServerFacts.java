package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of itself.
 *
 * @param hosting decides how databases can be copied
 * @param dataPath the folder of new data files
 * @param logPath the folder of new log files
 * @param backupPath the folder of backups
 */
record ServerFacts(
        Hosting hosting,
        String version,
        String edition,
        @Nullable String dataPath,
        @Nullable String logPath,
        @Nullable String backupPath) {

    /** In which form the server is hosted. */
    enum Hosting {
        /** On a machine of its own or in a container: backups are files on its disk. */
        MACHINE,
        AZURE_SQL_DATABASE,
        AZURE_MANAGED_INSTANCE,
        AMAZON_RDS
    }

    // https://learn.microsoft.com/en-us/sql/t-sql/functions/serverproperty-transact-sql
    private static final int AZURE_SQL_DATABASE = 5;
    private static final int MANAGED_INSTANCE = 8;

    /** @param fixed the setting; null to find out in which form the server is hosted */
    static ServerFacts of(Connection connection, @Nullable Hosting fixed) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TSql.SERVER)) {
            row.next();
            int edition = row.getInt("engine_edition");
            return new ServerFacts(
                    fixed == null ? hosting(edition, row.getObject("rdsadmin") != null) : fixed,
                    String.valueOf(row.getString("version")),
                    String.valueOf(row.getString("edition")),
                    row.getString("data_path"),
                    row.getString("log_path"),
                    row.getString("backup_path"));
        }
    }

    private static Hosting hosting(int edition, boolean hasRdsAdmin) {
        return switch (edition) {
            case AZURE_SQL_DATABASE -> Hosting.AZURE_SQL_DATABASE;
            case MANAGED_INSTANCE -> Hosting.AZURE_MANAGED_INSTANCE;
            default -> hasRdsAdmin ? Hosting.AMAZON_RDS : Hosting.MACHINE;
        };
    }
}
