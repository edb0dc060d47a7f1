package io.instanceworker.provision.sqlserver.fake;

import static io.instanceworker.provision.sqlserver.fake.Client.assertError;
import static io.instanceworker.provision.sqlserver.fake.Client.execute;
import static io.instanceworker.provision.sqlserver.fake.Client.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The fake behaves to Microsoft's driver as SQL Server does. */
class FakeSqlServerTest {

    private static final String STRANGE = "a]b'c;--d\n e";
    private static final String LOCK = """
            DECLARE @taken int;
            EXEC @taken = sys.sp_getapplock @Resource = ?, @LockMode = ?, @LockOwner = N'Session', @LockTimeout = ?;
            SELECT @taken AS taken, @@SPID AS session_id
            """;

    private final FakeSqlServer server = new FakeSqlServer();
    private final String data = server.platform().dataPath();
    private final String backup = data + "copy.bak";

    @AfterEach
    void close() {
        server.close();
    }

    private static String quoted(String name) {
        return "[" + name.replace("]", "]]") + "]";
    }

    @Test
    void databasesAreCreatedRenamedAndDropped() throws SQLException {
        try (Connection connection = server.connect("master")) {
            execute(connection, "CREATE DATABASE [ods]");
            assertThat(server.files()).contains(data + "ods.mdf", data + "ods_log.ldf");
            assertError(1801, () -> execute(connection, "CREATE DATABASE [ODS]"));
            execute(connection, "ALTER DATABASE [ods] MODIFY NAME = " + quoted(STRANGE));
            assertThat(server.databases()).containsExactly(STRANGE);
            assertThat(row(connection, "SELECT d.name, d.database_id FROM sys.databases d WHERE d.name = ?", STRANGE))
                    .containsExactly(STRANGE, "5");
            execute(connection, "ALTER DATABASE " + quoted(STRANGE) + " SET RECOVERY SIMPLE");
            server.addLogin("tenant");
            execute(connection, "ALTER AUTHORIZATION ON DATABASE::" + quoted(STRANGE) + " TO [tenant]");
            assertThat(server.owner(STRANGE)).isEqualTo("tenant");
            assertThat(server.recoveryModel(STRANGE)).isEqualTo("SIMPLE");
            execute(connection, "DROP DATABASE " + quoted(STRANGE));
            assertThat(server.databases()).isEmpty();
            assertThat(server.files()).doesNotContain(data + "ods.mdf");
            assertError(3701, () -> execute(connection, "DROP DATABASE [ods]"));
            assertError(911, () -> execute(connection, "USE [ods]"));
            connection.setAutoCommit(false);
            assertError(226, () -> execute(connection, "CREATE DATABASE [ods]"));
            connection.setAutoCommit(true);
            execute(connection, "CREATE DATABASE [ods]");
        }
        assertError(4060, () -> server.connect("absent").close());
    }

    @Test
    void aDatabaseInUseIsNotDroppedUnlessItsSessionsAreEnded() throws SQLException {
        server.createDatabase("ods");
        try (Connection other = server.connect("ods");
                Connection connection = server.connect("master")) {
            execute(other, "SELECT 1");
            assertError(3702, () -> execute(connection, "DROP DATABASE [ods]"));
            assertError(5030, () -> execute(connection, "ALTER DATABASE [ods] MODIFY NAME = [x]"));
            execute(
                    connection,
                    "USE [ods]; ALTER DATABASE [ods] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; USE [master]; DROP DATABASE [ods]");
            assertThat(server.databases()).isEmpty();
            assertThat(other.isValid(5)).isFalse();
        }
    }

    @Test
    void aCopyHasTheRowsOfItsBackup() throws SQLException {
        server.createDatabase("template", "Grand Bend", "it's ☃");
        try (Connection connection = server.connect("master")) {
            execute(
                    connection,
                    "EXEC [template].sys.sp_addextendedproperty @name = N'InstanceWorker', @value = ?",
                    "x");
            assertError(
                    3201,
                    () -> execute(
                            connection,
                            "BACKUP DATABASE [template] TO DISK = N'/absent/a.bak' WITH COPY_ONLY, CHECKSUM, FORMAT"));
            execute(
                    connection,
                    "BACKUP DATABASE [template] TO DISK = N'" + backup + "' WITH COPY_ONLY, CHECKSUM, FORMAT");
            server.addDistricts("template", "later");
            String exists = "SELECT f.file_exists FROM sys.dm_os_file_exists(?) f";
            assertThat(row(connection, exists, backup)).containsExactly("1");
            assertThat(row(connection, "RESTORE FILELISTONLY FROM DISK = N'" + backup + "'"))
                    .contains("template", data + "template.mdf", "D", "template_log", "L");
            String restore = "RESTORE DATABASE [ods] FROM DISK = N'" + backup + "' WITH ";
            assertError(1834, () -> execute(connection, restore + "MOVE N'template' TO N'" + data + "template.mdf'"));
            String moves = "MOVE N'template' TO N'" + data + "ods.mdf', MOVE N'template_log' TO N'" + data + "ods.ldf'";
            Faults.Hold hold = server.faults().holdMidway("RESTORE DATABASE [ods]");
            CompletableFuture<Void> restored = CompletableFuture.runAsync(() -> run(connection, restore + moves));
            awaitArrival(hold);
            assertThat(server.state("ods")).isEqualTo(State.RESTORING);
            server.percentComplete(40);
            try (Connection other = server.connect("master")) {
                assertThat(row(
                                other,
                                "SELECT CAST(r.percent_complete AS int) AS percent_complete FROM sys.dm_exec_requests r"
                                        + " WHERE r.session_id <> @@SPID"))
                        .containsExactly("40");
            }
            assertError(4060, () -> server.connect("ods").close());
            hold.release();
            restored.join();
            assertError(3154, () -> execute(connection, restore + moves));
            execute(connection, "EXEC master.sys.xp_delete_file 0, ?", backup);
            assertError(22049, () -> execute(connection, "EXEC master.sys.xp_delete_file 0, ?", backup));
        }
        assertThat(server.districts("ods")).containsExactly("Grand Bend", "it's ☃");
        assertThat(server.districts("template")).containsExactly("Grand Bend", "it's ☃", "later");
        assertThat(server.property("ods", "InstanceWorker")).contains("x");
        assertThat(server.files()).doesNotContain(backup);
    }

    private static void run(Connection connection, String sql, Object... parameters) {
        try {
            execute(connection, sql, parameters);
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    private static void awaitArrival(Faults.Hold hold) {
        try {
            hold.awaitArrival();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void lockOfOneSessionKeepsTheOthersOut() throws SQLException {
        try (Connection first = server.connect("master");
                Connection second = server.connect("master")) {
            String id = row(first, "SELECT @@SPID AS id").get(0);
            assertThat(row(first, LOCK, "a", "Exclusive", 0)).containsExactly("0", id);
            assertThat(row(first, LOCK, "a", "Exclusive", 0)).containsExactly("0", id);
            assertThat(row(second, LOCK, "a", "Shared", 50)).startsWith("-1").doesNotContain(id);
            assertThat(row(second, LOCK, "b", "Shared", 0)).startsWith("0");
            String unlock = "EXEC sys.sp_releaseapplock @Resource = ?, @LockOwner = N'Session'";
            execute(first, unlock, "a");
            assertThat(row(second, LOCK, "a", "Shared", 0)).as("taken twice").startsWith("-1");
            CompletableFuture<List<String>> waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return row(second, LOCK, "a", "Exclusive", 20_000);
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            assertThat(waiting).isNotDone();
            first.close();
            assertThat(waiting.join().get(0)).isIn("0", "1");
            execute(second, unlock, "a");
            assertError(1223, () -> execute(second, unlock, "a"));
        }
    }

    @Test
    void faultsHappenToTheStatementsThatTheyAreMeantFor() throws SQLException {
        server.faults().fail("CREATE DATABASE", 2, 1807, 16);
        try (Connection connection = server.connect("master")) {
            execute(connection, "CREATE DATABASE [a]");
            assertError(1807, () -> execute(connection, "CREATE DATABASE [b]"));
            server.faults().cutAfter("CREATE DATABASE");
            assertThatThrownBy(() -> execute(connection, "CREATE DATABASE [c]")).isInstanceOf(SQLException.class);
            assertThat(connection.isValid(5)).isFalse();
        }
        server.faults().cutBefore("CREATE DATABASE");
        try (Connection connection = server.connect("master")) {
            assertThatThrownBy(() -> execute(connection, "CREATE DATABASE [d]")).isInstanceOf(SQLException.class);
        }
        assertThat(server.databases()).containsExactly("a", "c");
    }

    @Test
    void aHeldStatementIsCancelled() throws SQLException {
        Faults.Hold hold = server.faults().hold("CREATE DATABASE");
        try (Connection connection = server.connect("master");
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> statement.execute("CREATE DATABASE [a]")).isInstanceOf(SQLException.class);
            assertThat(hold.hasArrived()).isTrue();
            assertThat(server.databases()).isEmpty();
            assertThat(row(connection, "SELECT 1")).containsExactly("1");
        }
    }

    @Test
    void anUnknownStatementIsADefect() throws SQLException {
        for (String unknown : List.of("SHUTDOWN", "SELECT NO_SUCH_FUNCTION(1)", "RESTORE DATABASE [a] FROM TAPE")) {
            try (Connection connection = server.connect("master")) {
                assertThatThrownBy(() -> execute(connection, unknown)).isInstanceOf(SQLException.class);
            }
        }
        assertThat(server.defects())
                .hasSize(3)
                .allSatisfy(defect -> assertThat(defect).hasMessageStartingWith("The fake does not know: "));
        assertThatThrownBy(server::close).isInstanceOf(AssertionError.class);
        server.forgetDefects();
    }
}
