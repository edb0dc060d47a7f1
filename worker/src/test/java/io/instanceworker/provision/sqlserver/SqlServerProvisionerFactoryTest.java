package io.instanceworker.provision.sqlserver;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.provision.sqlserver.ServerFacts.Hosting;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlServerProvisionerFactoryTest {

    private static ServerDefinition server(String url, Map<String, String> properties) {
        return new ServerDefinition(
                "ods",
                "sqlserver",
                url,
                "worker",
                new Secret("secret"),
                "instance_worker",
                new Concurrency(1, 1),
                properties);
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:sqlserver://db.example, db.example, 1433",
        "jdbc:sqlserver://db.example:1444;databaseName=master;encrypt=true, db.example, 1444",
        "jdbc:sqlserver://db.example\\ODS;encrypt=true, db.example\\ODS, 1433",
        "JDBC:SQLServer://10.0.0.1:1433, 10.0.0.1, 1433"
    })
    void theAddressForClientsIsThatOfTheUrl(String url, String host, int port) {
        assertThat(new SqlServerProvisionerFactory().mistakesIn(server(url, Map.of())))
                .isEmpty();
        assertThat(SqlServerUrl.address(url)).isEqualTo(new ServerAddress(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db.example.com/postgres",
                "jdbc:sqlserver://",
                "jdbc:sqlserver://db.example.com;user=sa",
                "jdbc:sqlserver://db.example.com;encrypt=true; Password = secret",
                "jdbc:sqlserver://db.example.com;trustStorePassword=secret",
                "jdbc:sqlserver://db.example.com;accessToken=secret",
                "jdbc:sqlserver://db.example.com;encrypt=true;queryTimeout=60"
            })
    void aUrlOfAnotherKindOrWithASecretOrATimeoutIsAMistakeThatDoesNotShowIt(String url) {
        assertThat(new SqlServerProvisionerFactory().mistakesIn(server(url, Map.of())))
                .singleElement()
                .asString()
                .startsWith("url: ")
                .doesNotContain("=secret")
                .doesNotContain("example.com");
    }

    @Test
    void everyMistakeInThePropertiesIsReported() {
        Map<String, String> wrong = Map.ofEntries(
                entry("connect-timeout-seconds", "soon"),
                entry("recoveryModel", "none"),
                entry("backup-directory", ""),
                entry("s3-prefix", "s3://bucket/"),
                entry("hosting", "moon"),
                entry("backup-url-prefix", "https://account.blob.core.windows.net/backups/?sig=secret"),
                entry("copy-method", "some"),
                entry("reuse-template-backups", "yes"),
                entry("colour", "red"));
        assertThat(new SqlServerProvisionerFactory().mistakesIn(server("jdbc:sqlserver://db", wrong)))
                .hasSize(9)
                .noneMatch(mistake -> mistake.contains("secret"))
                .anyMatch(mistake -> mistake.startsWith("properties.backup-url-prefix: must be the start of the URL"))
                .anyMatch(mistake -> mistake.startsWith("properties.connect-timeout-seconds: must be a number"))
                .anyMatch(mistake -> mistake.startsWith("properties.recoveryModel: must be one of"))
                .anyMatch(mistake -> mistake.startsWith("properties.backup-directory: must be a folder"))
                .anyMatch(mistake -> mistake.startsWith("properties.hosting: must be one of auto, machine"))
                .anyMatch(mistake -> mistake.startsWith("properties.copy-method: must be one of full, schema-only"))
                .anyMatch(mistake -> mistake.startsWith("properties.reuse-template-backups: must be true or false"))
                .anyMatch(mistake -> mistake.startsWith("properties.s3-prefix: must be the ARN"))
                .anyMatch(mistake -> mistake.startsWith("properties.colour: is not a setting"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"S2'", "S2); DROP DATABASE a --", "", "2S", "GP Gen5"})
    void aServiceObjectiveIsAWord(String objective) {
        assertThat(new SqlServerProvisionerFactory()
                        .mistakesIn(server("jdbc:sqlserver://db", Map.of("service-objective", objective))))
                .singleElement()
                .asString()
                .startsWith("properties.service-objective: must be a service objective");
    }

    @Test
    void aServiceObjectiveAndAnElasticPoolExcludeEachOther() {
        Map<String, String> both = Map.of("service-objective", "S2", "elasticpool", "pool 1");
        assertThat(new SqlServerProvisionerFactory().mistakesIn(server("jdbc:sqlserver://db", both)))
                .containsExactly("properties.elastic-pool: must not be set together with properties.service-objective");
    }

    /** The name of an environment variable has no dashes. */
    @Test
    void settingsAreReadWithAndWithoutTheirDashes() {
        SqlServerProperties properties = SqlServerProperties.of(
                Map.of("backupdirectory", "/backups", "recovery-model", "bulk-logged", "connecttimeoutseconds", "7"));
        assertThat(properties.backupDirectory()).isEqualTo("/backups");
        assertThat(properties.recoveryModel()).isEqualTo("BULK_LOGGED");
        assertThat(properties.connectTimeout()).hasSeconds(7);
        assertThat(properties.owner()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "auto,",
        "Machine, MACHINE",
        "azure-sql-database, AZURE_SQL_DATABASE",
        "azure_managed_instance, AZURE_MANAGED_INSTANCE",
        "amazon-rds, AMAZON_RDS"
    })
    void theHostingFormIsThatOfTheSettingOrFoundOut(String value, @Nullable Hosting hosting) {
        Map<String, String> setting = Map.of("hosting", value);
        assertThat(new SqlServerProvisionerFactory().mistakesIn(server("jdbc:sqlserver://db", setting)))
                .isEmpty();
        assertThat(SqlServerProperties.of(setting).hosting()).isEqualTo(hosting);
        assertThat(SqlServerProperties.of(Map.of()).hosting()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:sqlserver://db.example.com:1433;databaseName=master, false",
        "jdbc:sqlserver://db.example.com;encrypt=strict;trustServerCertificate=false, false",
        "jdbc:sqlserver://db.example.com;encrypt=true;TrustServerCertificate = True, true",
        "jdbc:sqlserver://db.example.com;trustServerCertificate={true}, true",
        "jdbc:sqlserver://db.example.com;databaseName=master;encrypt=false, true",
        "jdbc:sqlserver://db.example.com;encrypt=Optional;databaseName=master, true",
        "jdbc:sqlserver://localhost;trustServerCertificate=true, false",
        "jdbc:sqlserver://127.0.0.1:1433;encrypt=false, false"
    })
    void anUnverifiedServerOnAnotherMachineIsARisk(String url, boolean risky) {
        ServerDefinition server = server(url, Map.of());
        assertThat(new SqlServerProvisionerFactory().mistakesIn(server)).isEmpty();
        assertThat(new SqlServerProvisionerFactory().risksIn(server)).hasSize(risky ? 1 : 0);
    }

    @Test
    void theJournalTheMaintenanceDatabaseAndAmazonsOwnAreProtected() {
        assertThat(new SqlServerProvisionerFactory()
                        .maintenanceDatabases(server("jdbc:sqlserver://db;databaseName=admin;encrypt=true", Map.of())))
                .containsExactlyInAnyOrder("instance_worker", "rdsadmin", "admin");
        assertThat(SqlServerUrl.database("jdbc:sqlserver://db;databaseName={my;db}"))
                .contains("my;db");
    }
}
