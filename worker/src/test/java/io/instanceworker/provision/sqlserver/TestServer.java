package io.instanceworker.provision.sqlserver;

import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;

/**
 * A server to test on.
 *
 * @param username of a login that may create databases
 * @param canBackUp whether it knows BACKUP and RESTORE
 */
record TestServer(String url, String username, String password, boolean canBackUp, Runnable whenClosed)
        implements AutoCloseable {

    private static final String URL = "TEST_SQLSERVER_URL";

    /** A fake of this form, of the test's own. */
    static TestServer fake(FakeSqlServer fake) {
        return new TestServer(fake.jdbcUrl("master"), fake.login(), fake.password(), true, fake::close);
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
                () -> {});
    }

    private static String variable(String name) {
        return Objects.requireNonNull(System.getenv(name), () -> name + " is missing");
    }

    /** Skips a test that needs backups where the server has none. */
    void requireBackup() {
        Assumptions.assumeTrue(canBackUp, "This server cannot BACKUP and RESTORE");
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
