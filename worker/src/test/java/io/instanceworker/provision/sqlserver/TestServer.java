package io.instanceworker.provision.sqlserver;

import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Platform;
import java.util.Map;
import java.util.Objects;
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

    /** A fake of this form, of the test's own. */
    static TestServer fake(FakeSqlServer fake) {
        Map<String, String> properties =
                fake.platform() == Platform.AMAZON_RDS ? Map.of("s3-prefix", "arn:aws:s3:::bucket/iw/") : Map.of();
        return new TestServer(
                fake.jdbcUrl("master"),
                fake.login(),
                fake.password(),
                true,
                fake.platform() == Platform.AZURE_SQL_DATABASE,
                properties,
                fake::close);
    }

    static boolean isGivenOrRequired() {
        return System.getenv(URL) != null || Boolean.parseBoolean(System.getenv("REQUIRE_SQLSERVER"));
    }

    /** The real one that the environment names. */
    static TestServer given() {
        return new TestServer(
                variable(URL),
                variable("TEST_SQLSERVER_USERNAME"),
                variable("TEST_SQLSERVER_PASSWORD"),
                !System.getenv().getOrDefault("TEST_SQLSERVER_LACKS", "").contains("backup"),
                variable(URL).contains(".database.windows.net"),
                System.getenv().containsKey(S3_PREFIX) ? Map.of("s3-prefix", System.getenv(S3_PREFIX)) : Map.of(),
                () -> {});
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
