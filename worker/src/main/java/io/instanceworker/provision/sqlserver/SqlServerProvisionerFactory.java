package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Platform {@code sqlserver}. */
public final class SqlServerProvisionerFactory implements InstanceProvisionerFactory {

    @Override
    public String platform() {
        return "sqlserver";
    }

    @Override
    public List<String> mistakesIn(ServerDefinition server) {
        List<String> mistakes = new ArrayList<>();
        if (!SqlServerUrl.isValid(server.url())) {
            mistakes.add("url: must be jdbc:sqlserver://host:port;databaseName=maintenance-database, without user,"
                    + " password and other secrets, and without queryTimeout, lockTimeout and socketTimeout");
        }
        mistakes.addAll(SqlServerProperties.mistakesIn(server.properties()));
        return mistakes;
    }

    @Override
    public List<String> risksIn(ServerDefinition server) {
        return SqlServerUrl.isVerified(server.url())
                        || SqlServerUrl.address(server.url()).isLoopback()
                ? List.of()
                : List.of(
                        "it is on another machine, and with this url the worker does not verify that it is the right one:"
                                + " somebody between them could read the password. Remove encrypt and trustServerCertificate"
                                + " from the url; see TLS in docs/sqlserver.md.");
    }

    @Override
    public List<String> maintenanceDatabases(ServerDefinition server) {
        List<String> databases = new ArrayList<>(List.of(server.journalDatabase(), "rdsadmin"));
        SqlServerUrl.database(server.url()).ifPresent(databases::add);
        return databases;
    }

    @Override
    public InstanceProvisioner create(ServerDefinition server) {
        return create(server, ProgressWatch.PAUSE);
    }

    /** @param watchPause the time between two queries for the progress of a statement */
    InstanceProvisioner create(ServerDefinition server, Duration watchPause) {
        SqlServerProperties properties = SqlServerProperties.of(server.properties());
        return new SqlServerInstanceProvisioner(
                new SqlServerConnections(server, properties.connectTimeout()),
                properties,
                maintenanceDatabases(server),
                UUID.randomUUID().toString(),
                watchPause);
    }
}
