package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.instanceworker.contracts.Finding;
import io.instanceworker.contracts.Finding.Level;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import io.instanceworker.provision.sqlserver.fake.State;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SqlServerDiagnosisIT {

    private static List<Finding> diagnose(FakeSqlServer server, String password, String... templates) {
        try (InstanceProvisioner provisioner = new SqlServerProvisionerFactory()
                .create(new ServerDefinition(
                        "ods",
                        "sqlserver",
                        server.jdbcUrl("master"),
                        server.login(),
                        new Secret(password),
                        "instance_worker",
                        new Concurrency(1, 1),
                        Map.of("connect-timeout-seconds", "5")))) {
            return provisioner.diagnose(List.of(templates));
        }
    }

    @ParameterizedTest
    @EnumSource(Platform.class)
    void aServerThatIsRightHasNoErrorAndDoctorCreatesNothing(Platform platform) {
        try (FakeSqlServer server = new FakeSqlServer(Options.standard().on(platform))) {
            List<Finding> found = diagnose(server, server.password());
            assertThat(found).allMatch(finding -> finding.level() == Level.OK);
            assertThat(found).extracting(Finding::check).containsExactly("login", "clock", "journal");
            assertThat(found)
                    .last()
                    .extracting(Finding::text)
                    .isEqualTo("The worker will create the database instance_worker.");
            assertThat(server.statements()).noneMatch(statement -> statement.contains("CREATE DATABASE "));
        }
    }

    private static void expectOnly(FakeSqlServer server, Level level, String check, String text, String remedy) {
        assertThat(diagnose(server, server.password()))
                .filteredOn(finding -> finding.level() != Level.OK)
                .singleElement()
                .isEqualTo(new Finding(check, level, text, remedy));
    }

    @Test
    void anUnsupportedVersionIsNamed() {
        try (FakeSqlServer old = new FakeSqlServer(Options.standard().version("14.0.3456.2"));
                FakeSqlServer oldest = new FakeSqlServer(Options.standard().version("15.0.2000.5"));
                FakeSqlServer newer = new FakeSqlServer(Options.standard().version("17.0.1000.7"))) {
            expectOnly(
                    old,
                    Level.ERROR,
                    "version",
                    "SQL Server 14.0.3456.2 is too old.",
                    "upgrade the server to SQL Server 2019 or 2022");
            assertThat(diagnose(oldest, oldest.password())).allMatch(finding -> finding.level() == Level.OK);
            expectOnly(
                    newer,
                    Level.NOTE,
                    "version",
                    "SQL Server 17.0.1000.7 is newer than 2022, for which the worker was made last.",
                    null);
        }
    }

    @Test
    void aJournalThatCannotBeUsedIsNamed() throws Exception {
        try (FakeSqlServer server = new FakeSqlServer(Options.standard())) {
            server.createDatabase("instance_worker");
            assertThat(diagnose(server, server.password()))
                    .last()
                    .extracting(Finding::text)
                    .isEqualTo("The worker will create tables in the database instance_worker:"
                            + " job_run, backup_file, template_backup.");
            server.deny("CREATE TABLE");
            expectOnly(
                    server,
                    Level.ERROR,
                    "journal",
                    "The database instance_worker lacks tables, which the login may not create:"
                            + " job_run, backup_file, template_backup.",
                    "in the database instance_worker: ALTER ROLE db_owner ADD MEMBER [worker];");

            try (Connection connection = server.connect("instance_worker");
                    Statement statement = connection.createStatement()) {
                statement.execute(SqlServerJournal.DDL);
                assertThat(diagnose(server, server.password()))
                        .last()
                        .extracting(Finding::text)
                        .isEqualTo("The tables of the journal are in the database instance_worker.");
                statement.execute("DROP TABLE dbo.template_backup");
                expectOnly(
                        server,
                        Level.ERROR,
                        "journal",
                        "The database instance_worker lacks tables, which the login may not create: template_backup.",
                        "in the database instance_worker: ALTER ROLE db_owner ADD MEMBER [worker];");
                statement.execute(SqlServerJournal.DDL);
                statement.execute("ALTER TABLE dbo.job_run DROP COLUMN crashes");
            }
            expectOnly(
                    server,
                    Level.ERROR,
                    "journal",
                    "The table job_run has no column crashes, because another version made it.",
                    "in the database instance_worker: ALTER TABLE dbo.job_run ADD crashes int NOT NULL DEFAULT 0;");
            server.setState("instance_worker", State.OFFLINE);
            expectOnly(
                    server,
                    Level.ERROR,
                    "journal",
                    "The login may not open the database instance_worker, or it is not online.",
                    "see that the database is online; if it is, in it: CREATE USER [worker] FOR LOGIN [worker];"
                            + " ALTER ROLE db_owner ADD MEMBER [worker];");
            server.setState("instance_worker", State.ONLINE);
            server.deny("UPDATE");
            server.deny("DELETE");
            assertThat(diagnose(server, server.password()))
                    .filteredOn(finding -> finding.level() != Level.OK)
                    .extracting(Finding::text, Finding::remedy)
                    .containsExactly(
                            lacks("job_run", "UPDATE, DELETE"),
                            lacks("backup_file", "UPDATE, DELETE"),
                            lacks("template_backup", "DELETE"));
        }
    }

    private static Tuple lacks(String table, String rights) {
        return tuple(
                "The login worker lacks rights on the table " + table + " in the database instance_worker: " + rights
                        + ".",
                "in the database instance_worker: GRANT " + rights + " ON dbo." + table + " TO [worker];");
    }

    @ParameterizedTest
    @CsvSource({
        "LINUX, CREATE ANY DATABASE, ALTER SERVER ROLE dbcreator ADD MEMBER [worker];",
        "AMAZON_RDS, CREATE ANY DATABASE, in master: GRANT CREATE ANY DATABASE TO [worker];",
        "AZURE_MANAGED_INSTANCE, CREATE ANY DATABASE, ALTER SERVER ROLE dbcreator ADD MEMBER [worker];",
        "AZURE_SQL_DATABASE, dbmanager,"
                + " in master: CREATE USER [worker] FOR LOGIN [worker]; ALTER ROLE dbmanager ADD MEMBER [worker];"
    })
    void aMissingRightToCreateDatabasesIsNamed(Platform platform, String right, String remedy) {
        try (FakeSqlServer server = new FakeSqlServer(Options.standard().on(platform))) {
            server.deny(right);
            List<Finding> errors = diagnose(server, server.password()).stream()
                    .filter(finding -> finding.level() == Level.ERROR)
                    .toList();
            assertThat(errors)
                    .extracting(Finding::text)
                    .containsExactly(
                            "The login worker may not create databases.",
                            "There is no database instance_worker, and the login may not create it.");
            assertThat(errors).first().extracting(Finding::remedy).isEqualTo(remedy);
        }
    }

    @Test
    void aMissingTemplateAndAWrongPasswordAreNamed() {
        try (FakeSqlServer server = new FakeSqlServer(Options.standard())) {
            assertThat(diagnose(server, server.password(), "absent"))
                    .filteredOn(finding -> finding.level() == Level.ERROR)
                    .singleElement()
                    .matches(finding ->
                            finding.check().equals("template") && finding.text().startsWith("absent: it is not there"));
            assertThat(diagnose(server, "wrong-3f1"))
                    .singleElement()
                    .matches(finding -> finding.isError("login")
                            && finding.text().contains("login")
                            && !finding.text().contains("wrong-3f1"));
        }
    }
}
