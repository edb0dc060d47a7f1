package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Finding;
import io.instanceworker.contracts.Finding.Level;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
