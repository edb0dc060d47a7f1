package io.instanceworker.provision.sqlserver;

import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Platform;
import io.instanceworker.testing.ContainerSqlServer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;

/**
 * A server to test on.
 *
 * @param username of a login that may create databases
 * @param canBackUp whether it knows BACKUP and RESTORE
 * @param bindsSessions whether it is Azure SQL Database, where a session sees only its own database
 * @param properties settings that a provisioner needs for it
 */
record TestServer(
        String url,
        String username,
        String password,
        boolean canBackUp,
        boolean bindsSessions,
        Map<String, String> properties,
        Runnable whenClosed)
        implements AutoCloseable {

    private static final String URL = "TEST_SQLSERVER_URL";
    private static final String S3_PREFIX = "TEST_SQLSERVER_S3_PREFIX";
    private static final String BACKUP_URL_PREFIX = "TEST_SQLSERVER_BACKUP_URL_PREFIX";

    /** A fake of this form, of the test's own. */
    static TestServer fake(FakeSqlServer fake) {
        Map<String, String> properties = switch (fake.platform()) {
            case AMAZON_RDS -> Map.of("s3-prefix", "arn:aws:s3:::bucket/iw/");
            case AZURE_MANAGED_INSTANCE ->
                Map.of("backup-url-prefix", "https://account.blob.core.windows.net/backups/iw/");
            default -> Map.of();
        };
        return new TestServer(
                fake.jdbcUrl("master"),
                fake.login(),
                fake.password(),
                true,
                fake.platform() == Platform.AZURE_SQL_DATABASE,
                properties,
                fake::close);
    }

    /** Why there is no real server; empty if there is one. */
    static Optional<String> hindrance() {
        return System.getenv(URL) != null
                ? Optional.empty()
                : ContainerSqlServer.hindrance().map(why -> URL + " is not set, and there is no container: " + why);
    }

    static boolean isRequired() {
        return Boolean.parseBoolean(System.getenv("REQUIRE_SQLSERVER"));
    }

    /** The real one that the environment names, or one in a container. */
    static TestServer real() {
        hindrance().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        if (System.getenv(URL) == null) {
            ContainerSqlServer server = ContainerSqlServer.shared();
            return new TestServer(
                    server.url(),
                    server.login().username(),
                    server.login().password(),
                    true,
                    false,
                    Map.of(),
                    () -> {});
        }
        return new TestServer(
                variable(URL),
                variable("TEST_SQLSERVER_USERNAME"),
                variable("TEST_SQLSERVER_PASSWORD"),
                !System.getenv().getOrDefault("TEST_SQLSERVER_LACKS", "").contains("backup"),
                variable(URL).contains(".database.windows.net"),
                givenProperties(),
                () -> {});
    }

    private static Map<String, String> givenProperties() {
        Map<String, String> properties = new HashMap<>();
        properties.put("s3-prefix", System.getenv(S3_PREFIX));
        properties.put("backup-url-prefix", System.getenv(BACKUP_URL_PREFIX));
        properties.values().removeIf(Objects::isNull);
        return properties;
    }

    /** Only a server on a machine has one. */
    boolean hasTrash() {
        return !bindsSessions && properties.isEmpty();
    }

    /** Such a server makes no database single-user. */
    boolean isManagedInstance() {
        return properties.containsKey("backup-url-prefix");
    }

    private static String variable(String name) {
        return Objects.requireNonNull(System.getenv(name), () -> name + " is missing");
    }

    /** Skips a test that needs backups where the server has none. */
    void requireBackup() {
        Assumptions.assumeTrue(canBackUp, "This server cannot BACKUP and RESTORE");
    }

    /** A statement that drops a database that may be in use. */
    String drop(String database) {
        return bindsSessions ? TSql.drop(database) : TSql.dropOnline(database, "master");
    }

    /** The path of a file that is not there. */
    String noFile() {
        return "/nowhere/" + UUID.randomUUID() + ".bak";
    }

    @Override
    public void close() {
        whenClosed.run();
    }
}
