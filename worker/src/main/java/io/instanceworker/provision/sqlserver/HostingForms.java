package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Finds out in which form the server is hosted. */
final class HostingForms {

    private static final String MASTER = "master";

    private final SqlServerConnections connections;
    private final SqlServerProperties properties;
    private final ProgressWatch watch;
    private volatile @Nullable ServerFacts facts;

    HostingForms(SqlServerConnections connections, SqlServerProperties properties, ProgressWatch watch) {
        this.connections = connections;
        this.properties = properties;
        this.watch = watch;
    }

    /** Asked once. What a server says of itself changes only when it is replaced by another. */
    ServerFacts facts(Connection connection) throws SQLException {
        ServerFacts known = facts;
        if (known == null) {
            known = ServerFacts.of(connection, properties.hosting());
            facts = known;
        }
        return known;
    }

    /** @param connection any session on the server */
    HostingForm of(Connection connection) throws SQLException {
        ServerFacts found = facts(connection);
        return switch (found.hosting()) {
            case AMAZON_RDS -> new RdsForm(properties.s3Prefix());
            case AZURE_SQL_DATABASE -> azure();
            case AZURE_MANAGED_INSTANCE -> new ManagedInstanceForm(properties.backupUrlPrefix(), watch);
            case MACHINE -> new MachineForm(found, properties, connections.journalDatabase(), watch);
        };
    }

    /** In another database every database but that one would seem to be absent. */
    private AzureForm azure() {
        if (!MASTER.equalsIgnoreCase(connections.maintenanceDatabase())) {
            throw SelfCopyingForm.unsupported("On Azure SQL Database only master lists the databases. Set the server's"
                    + " url to one with databaseName=master.");
        }
        return new AzureForm(connections, properties);
    }
}
