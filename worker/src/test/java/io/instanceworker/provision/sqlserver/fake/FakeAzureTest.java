package io.instanceworker.provision.sqlserver.fake;

import static io.instanceworker.provision.sqlserver.fake.Client.assertError;
import static io.instanceworker.provision.sqlserver.fake.Client.execute;
import static io.instanceworker.provision.sqlserver.fake.Client.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the fake refuses, and does by itself, when it is Azure SQL Database. */
class FakeAzureTest {

    private static final String NAMES = "SELECT d.name FROM sys.databases d ORDER BY d.name";
    private static final String STATE = "SELECT d.state FROM sys.databases d WHERE d.name = N'copy'";
    private static final String COPIES = "SELECT c.error_code FROM sys.dm_database_copies c";

    private final FakeSqlServer server = new FakeSqlServer(Options.standard().on(Platform.AZURE_SQL_DATABASE));

    @BeforeEach
    void makeDatabases() {
        server.createDatabase("ods", "Grand Bend");
        server.createDatabase("other");
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aSessionSeesOnlyItsOwnDatabase() throws SQLException {
        String mark = "SELECT p.value FROM [ods].sys.extended_properties p";
        try (Connection ods = server.connect("ods");
                Connection master = server.connect("master")) {
            assertThat(row(master, NAMES)).containsExactly("master", "ods", "other");
            assertThat(row(ods, NAMES)).containsExactly("master", "ods");
            assertError(40508, () -> execute(ods, "USE [other]"));
            assertError(40515, () -> row(master, mark));
            assertThat(row(ods, mark)).isEmpty();
            assertError(208, () -> row(ods, COPIES));
        }
    }

    @Test
    void databasesAreMadeAndDroppedOnlyInMasterAndByStatementsOfTheirOwn() throws SQLException {
        try (Connection ods = server.connect("ods");
                Connection master = server.connect("master")) {
            assertError(5001, () -> execute(ods, "CREATE DATABASE [a]"));
            assertError(5001, () -> execute(ods, "DROP DATABASE [other]"));
            assertError(40530, () -> execute(master, "CREATE DATABASE [a]; CREATE DATABASE [b]"));
            assertError(40510, () -> execute(master, "BACKUP DATABASE [ods] TO DISK = N'a' WITH FORMAT"));
            assertError(40517, () -> execute(master, "ALTER DATABASE [ods] SET RECOVERY SIMPLE"));
            execute(master, "CREATE DATABASE [a] (SERVICE_OBJECTIVE = 'S2')");
            execute(master, "ALTER DATABASE [a] MODIFY NAME = [b]");
            execute(master, "DROP DATABASE [ods]");
            assertThat(row(master, NAMES)).containsExactly("b", "master", "other");
        }
    }

    @Test
    void aCopyRunsWhileItIsLookedAtAndSucceedsOrFails() throws SQLException {
        String copy = "CREATE DATABASE [copy] AS COPY OF [ods]";
        try (Connection master = server.connect("master")) {
            server.azure().failNext(40564);
            execute(master, copy);
            assertError(40565, () -> execute(master, "CREATE DATABASE [another] AS COPY OF [ods]"));
            assertThat(row(master, STATE)).containsExactly("7");
            assertError(4060, () -> server.connect("copy").close());
            assertThat(row(master, COPIES)).containsExactly("0");
            assertThat(row(master, COPIES)).containsExactly("40564");
            assertThat(row(master, STATE)).containsExactly("4");
            execute(master, "DROP DATABASE [copy]");
            execute(master, copy);
            row(master, COPIES);
            assertThat(row(master, COPIES)).isEmpty();
            assertThat(row(master, STATE)).containsExactly("0");
        }
        assertThat(server.districts("copy")).containsExactly("Grand Bend");
    }
}
