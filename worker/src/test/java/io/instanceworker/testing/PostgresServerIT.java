package io.instanceworker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PostgresServerIT {

    /** PostgresProvisionerIT starts the others. */
    static IntStream versions() {
        return IntStream.of(PostgresServers.OLDEST, PostgresServers.NEWEST);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void theOldestAndTheNewestPostgresStart(int major) throws Exception {
        assumeTrue(PostgresServers.isAvailable(major), "there is no PostgreSQL " + major + " for this machine");
        try (PostgresServer server = PostgresServer.start(major)) {
            Login role = server.createRole("worker \"of\" this test");

            assertThat(server.version()).startsWith(major + ".");
            try (Connection connection = server.connect("postgres", role);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE \"an odd+name?\"");
                assertThat(show(statement, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
                        .isEqualTo("f");
                assertThat(show(statement, "SHOW server_encoding")).isEqualTo("UTF8");
            }
            server.connect("an odd+name?", role).close();
            server.execute("DROP DATABASE \"an odd+name?\"");
        }
    }

    @Test
    void testsShareOneServerPerVersion() {
        assertThat(Servers.postgres(15)).isSameAs(PostgresServers.shared(15)).isNotSameAs(Servers.postgres(16));
    }

    @Test
    void aWrongPasswordIsRefused() {
        PostgresServer server = Servers.postgres(15);
        Login wrong = new Login(server.superuser().username(), "wrong");

        assertThatThrownBy(() -> server.connect("postgres", wrong))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }

    @Test
    void portAndDataSurviveAStopAndACrash() throws Exception {
        try (PostgresServer server = PostgresServer.startOwn(15, Map.of("wal_level", "logical"))) {
            server.execute("CREATE DATABASE kept");

            try (Connection open = server.connect("kept", server.superuser())) {
                // The benchmark measures what a login costs where passwords are as they should be.
                try (Statement statement = open.createStatement()) {
                    assertThat(show(
                                    statement,
                                    "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"
                                            + " WHERE type LIKE 'host%'"))
                            .isEqualTo("scram-sha-256");
                }
                server.stopFast();
                assertThat(open.isValid(1)).isFalse();
            }
            assertThatThrownBy(server::version).hasRootCauseMessage("Connection refused");
            server.startAgain();
            server.execute("COMMENT ON DATABASE kept IS 'one'");

            server.stopImmediate();
            server.startAgain();
            server.execute("COMMENT ON DATABASE kept IS 'two'");

            server.kill();
            server.startAgain();
            try (Connection connection = server.connect("kept", server.superuser());
                    Statement statement = connection.createStatement()) {
                assertThat(show(statement, "SHOW wal_level")).isEqualTo("logical");
                assertThat(show(
                                statement,
                                "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                                        + " WHERE datname = 'kept'"))
                        .isEqualTo("two");
            }
        }
    }

    @Test
    void aClosedServerLeavesNothingBehind() {
        List<ProcessHandle> processes = new ArrayList<>();
        List<Path> folders = new ArrayList<>();

        try (LocalPostgres one = LocalPostgres.startLocal(18, Map.of());
                LocalPostgres other = LocalPostgres.startLocal(18, Map.of())) {
            for (LocalPostgres each : List.of(one, other)) {
                processes.addAll(each.running().family());
                folders.add(each.folder().path());
            }
            assertThat(processes)
                    .filteredOn(each -> !ChildProcess.hasGone(each))
                    .hasSizeGreaterThan(4);
        }

        assertThat(processes).allMatch(ChildProcess::hasGone);
        assertThat(folders).noneMatch(folder -> folder.toFile().exists());
    }

    @Test
    void aCrashedServerLeavesNothingBehind() {
        LocalPostgres server = LocalPostgres.startLocal(18, Map.of());
        List<ProcessHandle> processes = server.running().family();

        server.kill();
        server.close();

        assertThat(processes).allMatch(ChildProcess::hasGone);
        assertThat(server.folder().path()).doesNotExist();
    }

    @Test
    void aGivenServerIsUsedAndItsRolesAreRemoved() {
        PostgresServer server = Servers.postgres(15);
        Login superuser = server.superuser();

        try (PostgresServer given = GivenPostgres.of(
                15, server.jdbcUrl("postgres") + "?tcpKeepAlive=true", superuser.username(), superuser.password())) {
            given.createRole("of the given server");
            assertThat(given.jdbcUrl("a b")).endsWith("/a+b?tcpKeepAlive=true");
            assertThatThrownBy(given::stopFast).hasMessageContaining("startOwn");
        }

        server.createRole("of the given server");
        server.execute("DROP ROLE \"of the given server\"");
        assertThatThrownBy(() ->
                        GivenPostgres.of(16, server.jdbcUrl("postgres"), superuser.username(), superuser.password()))
                .hasMessageContaining("is 15.");
    }

    private static String show(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getString(1);
        }
    }
}
