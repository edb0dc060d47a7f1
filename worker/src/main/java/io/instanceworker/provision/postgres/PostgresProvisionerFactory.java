package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Platform {@code postgresql}. */
public final class PostgresProvisionerFactory implements InstanceProvisionerFactory {

    /** With a host and a database, and without credentials in front of the host or behind the question mark. */
    private static final Pattern URL = Pattern.compile(
            "jdbc:postgresql://[^/?@]+/[^/?@]+(\\?(?!(.*&)?(user|password|sslpassword)=).*)?",
            Pattern.CASE_INSENSITIVE);

    /** Fits into an application name of a session, together with what it does. */
    private static final int OWNER_LENGTH = 18;

    @Override
    public String platform() {
        return "postgresql";
    }

    @Override
    public List<String> mistakesIn(ServerDefinition server) {
        List<String> mistakes = new ArrayList<>();
        // Looked at before the driver, which logs a url that it does not understand, password and all.
        if (!URL.matcher(server.url()).matches() || Driver.parseURL(server.url(), new Properties()) == null) {
            mistakes.add(
                    "url: must be jdbc:postgresql://host:port/maintenance-database, without user and password, which"
                            + " have properties of their own");
        }
        if (server.username() == null) {
            mistakes.add("username: is missing");
        }
        mistakes.addAll(PostgresProperties.mistakesIn(server.properties()));
        return mistakes;
    }

    @Override
    public List<String> maintenanceDatabases(ServerDefinition server) {
        Properties url = Driver.parseURL(server.url(), new Properties());
        String database = url == null ? null : PGProperty.PG_DBNAME.getOrDefault(url);
        return database == null ? List.of(server.journalDatabase()) : List.of(database, server.journalDatabase());
    }

    @Override
    public InstanceProvisioner create(ServerDefinition server) {
        return new PostgresInstanceProvisioner(
                new PostgresConnections(server),
                PostgresProperties.of(server.properties()),
                UUID.randomUUID().toString().substring(0, OWNER_LENGTH));
    }
}
