package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Platform {@code postgresql}. */
public final class PostgresProvisionerFactory implements InstanceProvisionerFactory {

    @Override
    public String platform() {
        return "postgresql";
    }

    @Override
    public List<String> mistakesIn(ServerDefinition server) {
        List<String> mistakes = new ArrayList<>();
        Properties url = Driver.parseURL(server.url(), new Properties());
        if (url == null) {
            mistakes.add("url: must be jdbc:postgresql://host:port/maintenance-database");
        } else if (PGProperty.PASSWORD.getOrDefault(url) != null || PGProperty.USER.getOrDefault(url) != null) {
            mistakes.add("url: must not hold the user or the password, which have properties of their own");
        }
        if (server.username() == null) {
            mistakes.add("username: is missing");
        }
        String timeout = server.properties().get(PostgresConnections.CONNECT_TIMEOUT_SECONDS);
        if (timeout != null && !timeout.matches("[1-9][0-9]{0,3}")) {
            mistakes.add(
                    "properties." + PostgresConnections.CONNECT_TIMEOUT_SECONDS + ": must be a number from 1 to 9999");
        }
        return mistakes;
    }

    @Override
    public DatabaseNameRules nameRules() {
        return PostgresNames.RULES;
    }

    @Override
    public List<String> maintenanceDatabases(ServerDefinition server) {
        Properties url = Driver.parseURL(server.url(), new Properties());
        String database = url == null ? null : PGProperty.PG_DBNAME.getOrDefault(url);
        return database == null ? List.of() : List.of(database);
    }

    @Override
    public InstanceProvisioner create(ServerDefinition server) {
        return new PostgresInstanceProvisioner(new PostgresConnections(server));
    }
}
