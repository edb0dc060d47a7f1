package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Options;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The driver checks the certificate. The contract is run with one that it accepts. */
class SqlServerTlsIT {

    private final FakeSqlServer server = new FakeSqlServer(Options.standard().withTls());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aCertificateOfAnUnknownIssuerIsRefused() {
        assertRefused(
                "jdbc:sqlserver://127.0.0.1:" + server.port() + ";databaseName=master",
                "By default the driver encrypts and checks");
    }

    @Test
    void aCertificateForAnotherNameIsRefused() {
        assertRefused(
                server.jdbcUrl("master")
                        .replace("hostNameInCertificate=localhost", "hostNameInCertificate=sql.example.org"),
                "The certificate is for localhost");
    }

    private void assertRefused(String url, String why) {
        try (InstanceProvisioner provisioner = new SqlServerProvisionerFactory()
                .create(new ServerDefinition(
                        "ods",
                        "sqlserver",
                        url,
                        server.login(),
                        new Secret(server.password()),
                        "instance_worker",
                        new Concurrency(1, 1),
                        Map.of("connect-timeout-seconds", "2")))) {
            for (ThrowingCallable use :
                    List.<ThrowingCallable>of(provisioner::probe, () -> provisioner.instanceStatus("ods_a"))) {
                assertThatThrownBy(use)
                        .as(why)
                        .isInstanceOfSatisfying(
                                ProvisioningException.class,
                                e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVER_UNAVAILABLE))
                        .hasMessageContaining("the server's certificate is refused")
                        .hasMessageNotContainingAny(server.password(), server.login(), "127.0.0.1", "example.org");
            }
        }
        assertThat(server.statements()).isEmpty();
    }
}
