package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.testing.DeployFiles;
import io.instanceworker.testing.Login;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The scripts in deploy/rights. All other tests work with the rights of the first; what the second gives, and that no superuser
 * is needed to run them, is here.
 */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 18})
class PostgresRightsIT {

    @Parameter
    int major;

    private PostgresFixture bench;
    private String role;
    private String other;

    @BeforeEach
    void open() {
        bench = new PostgresFixture(major);
        role = bench.role.username();
        other = role + "_other";
    }

    @AfterEach
    void close() {
        bench.provisioner().close();
        bench.close();
        bench.server.execute("DROP ROLE " + other);
    }

    private void runAs(Login login, String script, String roleName) throws Exception {
        try (Connection connection = bench.server.connect("postgres", login);
                Statement statement = connection.createStatement()) {
            statement.execute(DeployFiles.read(script).replace("instance_worker", roleName));
        }
    }

    /** As the administrator of a cloud server is not. */
    @Test
    void anAdministratorWhoIsNoSuperuserMakesARoleThatIsNone() throws Exception {
        String made = role + "_made";
        Login administrator = bench.server.createRole(other);
        bench.server.execute("ALTER ROLE " + other + " CREATEROLE");
        bench.server.execute("GRANT pg_signal_backend, pg_read_all_stats TO " + other + " WITH ADMIN OPTION");

        runAs(administrator, "rights/postgresql.sql", made);
        runAs(administrator, "rights/postgresql-optional.sql", made);

        try {
            assertThat(bench.queryAsSuperuser("SELECT concat_ws(' ', rolcanlogin, rolcreatedb, rolsuper, rolcreaterole,"
                            + " rolreplication, rolbypassrls) FROM pg_roles WHERE rolname = '" + made + "'"))
                    .isEqualTo("t t f f f f");
            assertThat(bench.queryAsSuperuser(
                            "SELECT string_agg(roleid::regrole::text, ' ' ORDER BY roleid::regrole::text)"
                                    + " FROM pg_auth_members WHERE member = '" + made + "'::regrole"))
                    .isEqualTo("pg_read_all_stats pg_signal_backend");
        } finally {
            bench.server.execute("DROP ROLE " + made);
        }
    }

    @Test
    void onlyWithTheOptionalRightsAreSessionsOfOthersEndedAndTheirDatabasesMeasured() throws Exception {
        Login user = bench.server.createRole(other);
        bench.makeTemplate("source", List.of("row"));
        bench.run("postgres", "ALTER DATABASE source IS_TEMPLATE false");
        String closed = "closed_to_" + role;
        bench.server.execute("CREATE DATABASE " + closed);
        bench.server.execute("REVOKE CONNECT ON DATABASE " + closed + " FROM PUBLIC");
        try (Connection session = bench.server.connect("source", user)) {
            assertThatThrownBy(this::delete)
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_BUSY));
            assertThat(bench.provisioner().instanceInfo(closed).sizeBytes()).isNull();

            runAs(bench.server.superuser(), "rights/postgresql-optional.sql", role);

            assertThat(bench.provisioner().instanceInfo(closed).sizeBytes()).isPositive();
            delete();
            assertThat(session.isValid(5)).isFalse();
        }
        assertThat(bench.databases()).containsExactly(closed);
    }

    private void delete() {
        try (InstanceLock lock = bench.provisioner()
                .tryLock(new LockRequest(Set.of("source"), Set.of()), step -> {})
                .orElseThrow()) {
            bench.provisioner().deleteInstance(lock, "source");
        }
    }
}
