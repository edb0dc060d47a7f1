package io.instanceworker.provision.sqlserver.fake;

import static io.instanceworker.provision.sqlserver.fake.Client.assertError;
import static io.instanceworker.provision.sqlserver.fake.Client.execute;
import static io.instanceworker.provision.sqlserver.fake.Client.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The tables and the catalog views of the fake, as Microsoft's driver sees them. */
class FakeTablesTest {

    private final FakeSqlServer server = new FakeSqlServer();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aTransactionIsRolledBackWhenItsConnectionEnds() throws SQLException {
        server.createDatabase("ods", "a");
        try (Connection other = server.connect("ods")) {
            try (Connection connection = server.connect("ods")) {
                connection.setAutoCommit(false);
                execute(connection, "INSERT INTO district (name) VALUES (?)", "b");
                connection.commit();
                execute(connection, "UPDATE dbo.district SET name = ? WHERE id = 1", "c");
                execute(other, "SET LOCK_TIMEOUT 300");
                assertError(1222, () -> execute(other, "UPDATE district SET name = N'd' WHERE id = 1"));
                server.cutConnections();
            }
        }
        try (Connection connection = server.connect("ods")) {
            execute(connection, "UPDATE district SET name = N'd' WHERE name = N'b'");
        }
        assertThat(server.districts("ods")).containsExactly("a", "d");
    }

    @Test
    void theCatalogSaysWhatIsThere() throws SQLException {
        server.createDatabase("ods");
        server.createDatabaseAt(Instant.now().minus(2, ChronoUnit.HOURS), "iw_staging_1");
        try (Connection connection = server.connect("ods")) {
            assertThat(row(
                            connection,
                            "SELECT d.name, DATEDIFF_BIG(millisecond, d.create_date, SYSDATETIME()) AS age_ms"
                                    + " FROM sys.databases d WHERE d.name LIKE ?",
                            "iw[_]staging[_]%"))
                    .hasSize(2)
                    .first()
                    .isEqualTo("iw_staging_1");
            assertThat(row(connection, """
                    SELECT CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine_edition,
                           CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(400)) AS data_path,
                           DB_ID(N'rdsadmin') AS rdsadmin
                    """))
                    .containsExactly("3", server.platform().dataPath(), null);
            assertThat(row(connection, """
                    SELECT d.name, HAS_DBACCESS(d.name) AS has_access, SUSER_SNAME(d.owner_sid) AS owner,
                           (SELECT SUM(CAST(f.size AS bigint)) * 8192 FROM sys.master_files f
                            WHERE f.database_id = d.database_id AND f.type <> 1) AS data_bytes,
                           (SELECT COUNT(*) FROM sys.dm_exec_sessions s
                            WHERE s.database_id = d.database_id AND s.is_user_process = 1) AS connections
                    FROM sys.databases d WHERE d.name IN (N'ODS', N'it''s')
                    """)).containsExactly("ods", "1", "worker", "8388608", "1");
            String marks =
                    "SELECT N'ods' AS name, CAST(p.value AS nvarchar(4000)) AS mark FROM [ods].sys.extended_properties p"
                            + " WHERE p.class = 0 AND p.name = N'InstanceWorker' UNION ALL SELECT N'iw_staging_1' AS name,"
                            + " CAST(p.value AS nvarchar(4000)) AS mark FROM [iw_staging_1].sys.extended_properties p"
                            + " WHERE p.class = 0 AND p.name = N'InstanceWorker'";
            String set =
                    "IF EXISTS (SELECT 1 FROM [ods].sys.extended_properties p WHERE p.class = 0 AND p.name = N'InstanceWorker')"
                            + " EXEC [ods].sys.sp_updateextendedproperty @name = N'InstanceWorker', @value = ?"
                            + " ELSE EXEC [ods].sys.sp_addextendedproperty @name = N'InstanceWorker', @value = ?";
            execute(connection, set, "first", "first");
            execute(connection, set, "mark", "mark");
            assertThat(row(connection, marks)).containsExactly("ods", "mark");
            server.setState("iw_staging_1", State.OFFLINE);
            assertError(942, () -> row(connection, marks));
        }
    }

    @Test
    void theJournalWorks() throws SQLException {
        server.createDatabase("instance_worker");
        String ddl = """
                IF OBJECT_ID(N'dbo.job_run', N'U') IS NULL
                BEGIN
                    CREATE TABLE dbo.job_run (
                        run_id nvarchar(36) NOT NULL PRIMARY KEY, -- a comment; with a 'quote
                        body_sha256 nvarchar(64) NOT NULL,
                        claim nvarchar(36), result nvarchar(max),
                        received_at datetimeoffset(7) NOT NULL,
                        crashes int NOT NULL DEFAULT 0, dead_lettered bit NOT NULL DEFAULT 0);
                    CREATE INDEX job_run_body ON dbo.job_run (body_sha256);
                END
                IF OBJECT_ID(N'dbo.backup_file', N'U') IS NULL
                    CREATE TABLE dbo.backup_file (path nvarchar(400) NOT NULL PRIMARY KEY, staging_name nvarchar(128) NOT NULL,
                        created_at datetimeoffset(7) NOT NULL)
                """;
        String ago = "(SELECT DATEADD(millisecond, -CAST(m.v % 1000 AS int), DATEADD(second, -CAST(m.v / 1000 AS int),"
                + " SYSDATETIMEOFFSET())) FROM (SELECT CAST(? AS bigint) AS v) m)";
        try (Connection connection = server.connect("instance_worker");
                Statement statement = connection.createStatement()) {
            statement.execute(ddl);
            statement.execute(ddl);
            connection.setAutoCommit(false);
            String insert =
                    "INSERT INTO job_run (run_id, body_sha256, claim, received_at) VALUES (?, ?, ?, " + ago + ")";
            execute(connection, insert, "r", "b", null, 90_123L);
            assertError(2627, () -> execute(connection, insert, "r", "b", null, 1L));
            connection.commit();
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE job_run SET dead_lettered = ? WHERE run_id = ? AND COALESCE(claim, '') = ?")) {
                update.setBoolean(1, true);
                update.setString(2, "r");
                update.setString(3, "");
                assertThat(update.executeUpdate()).isEqualTo(1);
                update.setString(3, "x");
                assertThat(update.executeUpdate()).isZero();
            }
            try (PreparedStatement find = connection.prepareStatement(
                    "SELECT received_at, SYSDATETIMEOFFSET() AS server_time, dead_lettered, crashes FROM job_run")) {
                find.setMaxRows(1);
                try (ResultSet row = find.executeQuery()) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getBoolean("dead_lettered")).isTrue();
                    assertThat(Duration.between(
                                    row.getObject("received_at", OffsetDateTime.class),
                                    row.getObject("server_time", OffsetDateTime.class)))
                            .isBetween(Duration.ofMillis(90_123), Duration.ofMinutes(2));
                }
            }
            connection.rollback();
            assertThat(row(connection, "SELECT COUNT(*) FROM job_run WHERE dead_lettered = 1"))
                    .containsExactly("0");
            execute(connection, "DELETE FROM job_run WHERE received_at < " + ago, 1L);
            connection.setAutoCommit(true);
            execute(
                    connection,
                    "INSERT INTO dbo.backup_file (path, staging_name, created_at) VALUES (?, ?, SYSDATETIMEOFFSET())",
                    "p",
                    "s");
            assertThat(row(connection, """
                    SELECT f.staging_name, f.path, DATEDIFF_BIG(millisecond, f.created_at, SYSDATETIMEOFFSET()) AS age_ms
                    FROM dbo.backup_file f
                    """)).startsWith("s", "p");
            assertError(208, () -> row(connection, "SELECT name FROM absent"));
        }
        assertThat(server.texts("instance_worker", "SELECT run_id FROM job_run"))
                .isEmpty();
    }
}
