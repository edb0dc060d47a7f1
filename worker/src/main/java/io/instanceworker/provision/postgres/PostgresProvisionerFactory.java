package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.ServerDefinition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.SslMode;
import org.postgresql.util.PSQLException;

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
        Properties url = URL.matcher(server.url()).matches() ? Driver.parseURL(server.url(), new Properties()) : null;
        if (url == null) {
            mistakes.add(
                    "url: must be jdbc:postgresql://host:port/maintenance-database, without user and password, which"
                            + " have properties of their own");
        } else if (sslMode(url) == null) {
            mistakes.add("url: sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full");
        }
        if (server.username() == null) {
            mistakes.add("username: is missing");
        }
        mistakes.addAll(PostgresProperties.mistakesIn(server.properties()));
        return mistakes;
    }

    @Override
    public List<String> risksIn(ServerDefinition server) {
        Properties url =
                Objects.requireNonNull(Driver.parseURL(server.url(), new Properties()), "mistakesIn() parsed it");
        SslMode mode = Objects.requireNonNull(sslMode(url), "mistakesIn() checked it");
        boolean verified = mode.verifyPeerName()
                && !String.valueOf(PGProperty.SSL_FACTORY.getOrDefault(url)).endsWith("NonValidatingFactory");
        String hosts = String.valueOf(PGProperty.PG_HOST.getOrDefault(url));
        return verified || Arrays.stream(hosts.split(",")).allMatch(host -> new ServerAddress(host, 0).isLoopback())
                ? List.of()
                : List.of("it is on another machine, and with sslmode=" + mode.value
                        + " the worker does not verify that it is the right one: somebody between them could read the"
                        + " password. Set sslmode=verify-full in the url; see TLS in docs/postgresql.md.");
    }

    /** Null for a value that the driver does not know. */
    private static @Nullable SslMode sslMode(Properties url) {
        try {
            return SslMode.of(url);
        } catch (PSQLException e) {
            return null;
        }
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
