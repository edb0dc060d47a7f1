package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.tds.ServerCertificate;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With sslmode=verify-full, as the docs write it. */
class PostgresTlsIT {

    private static final ServerCertificate CERTIFICATE = ServerCertificate.selfSigned("DNS:localhost");

    private static PostgresServer server;
    private static Login role;

    @BeforeAll
    static void start() {
        server = PostgresServer.startWithTls(17, CERTIFICATE.certificate(), CERTIFICATE.key());
        role = server.createRole("instance_worker");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static InstanceProvisioner provisioner(String host, Path trusted) {
        return provisioner(host, trusted, role.password());
    }

    private static InstanceProvisioner provisioner(String host, Path trusted, String password) {
        return new PostgresProvisionerFactory()
                .create(new ServerDefinition(
                        "ods",
                        "postgresql",
                        "jdbc:postgresql://" + host + ":" + server.port() + "/postgres?sslmode=verify-full&sslrootcert="
                                + trusted,
                        role.username(),
                        new Secret(password),
                        "instance_worker",
                        new Concurrency(1, 1),
                        Map.of(PostgresConnections.CONNECT_TIMEOUT_SECONDS, "2")));
    }

    @Test
    void everyConnectionIsEncryptedAndADatabaseIsMade() throws Exception {
        try (InstanceProvisioner provisioner = provisioner("localhost", CERTIFICATE.certificate())) {
            provisioner.probe();
            OwnershipMark mark = new OwnershipMark("1", null, "job", Operation.ADD, null, null, Instant.EPOCH);
            try (InstanceLock lock = provisioner
                    .tryLock(new LockRequest(Set.of("ods_a"), Set.of()), step -> {})
                    .orElseThrow()) {
                provisioner.addInstance(lock, new AddInstance("ods_a", null, mark), () -> {});
                assertThat(provisioner.verifyInstance("ods_a").state()).isEqualTo(InstanceState.ONLINE);
                assertThat(encryptions()).isNotEmpty().containsOnly(true);
            }
        }
    }

    /** Of each session of the worker's role. */
    private static List<Boolean> encryptions() throws Exception {
        List<Boolean> encryptions = new ArrayList<>();
        try (Connection connection = server.connect("postgres", server.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'instance_worker'")) {
            while (row.next()) {
                encryptions.add(row.getBoolean(1));
            }
        }
        return encryptions;
    }

    @Test
    void aCertificateOfAnUnknownIssuerIsRefused() {
        assertRefused("localhost", ServerCertificate.selfSigned().certificate());
    }

    @Test
    void aCertificateForAnotherNameIsRefused() {
        assertRefused("127.0.0.1", CERTIFICATE.certificate());
    }

    @Test
    void aLoginWithoutAPasswordIsNotTakenForAServerThatIsDown() {
        try (InstanceProvisioner provisioner = provisioner("localhost", CERTIFICATE.certificate(), "")) {
            assertThatThrownBy(provisioner::probe)
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED))
                    .hasMessageMatching(".*login\\. The driver says: [^.]*password[^.]*\\. Correct .*")
                    .hasMessageNotContainingAny(role.username(), "localhost");
            assertThat(provisioner.diagnose(List.of()))
                    .singleElement()
                    .matches(finding -> finding.isError("login")
                            && finding.text().contains("refused the login")
                            && finding.text().contains("password"));
        }
    }

    private static void assertRefused(String host, Path trusted) {
        try (InstanceProvisioner provisioner = provisioner(host, trusted)) {
            for (ThrowingCallable use :
                    List.<ThrowingCallable>of(provisioner::probe, () -> provisioner.instanceStatus("ods_a"))) {
                assertThatThrownBy(use)
                        .isInstanceOfSatisfying(
                                ProvisioningException.class,
                                e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVER_UNAVAILABLE))
                        .hasMessageContaining("the server's certificate is refused")
                        .hasMessageNotContainingAny(role.password(), role.username(), host);
            }
        }
    }
}
