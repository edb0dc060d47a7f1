package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.testing.Login;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What PostgreSQL itself does not do for a copy, and what stands in a copy's way there. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 15, 18})
class PostgresCopyIT {

    private static final OwnershipMark MARK =
            new OwnershipMark("7", null, "job-1", Operation.COPY, null, "source", Instant.EPOCH);

    @Parameter
    int major;

    private PostgresFixture bench;

    @BeforeEach
    void open() {
        bench = new PostgresFixture(major);
        bench.makeTemplate("source", List.of("row"));
        bench.run("postgres", "ALTER DATABASE source IS_TEMPLATE false");
    }

    @AfterEach
    void close() {
        bench.provisioner().close();
        bench.close();
    }

    private void copy(boolean disconnect) {
        try (InstanceLock lock = lock("target")) {
            bench.provisioner().copyInstance(lock, new CopyInstance("target", "source", disconnect, MARK), () -> {});
        }
    }

    private InstanceLock lock(String database) {
        return bench.provisioner()
                .tryLock(new LockRequest(Set.of(database), Set.of()), step -> {})
                .orElseThrow();
    }

    private static void assertCode(ErrorCode code, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        ProvisioningException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aCopyHasGrantsSettingsAndConnectionLimitOfItsSource() {
        bench.server.execute("CREATE ROLE reader_" + bench.role.username());
        String reader = "reader_" + bench.role.username();
        try {
            bench.run("postgres", "REVOKE ALL ON DATABASE source FROM PUBLIC");
            bench.run("postgres", "GRANT CONNECT ON DATABASE source TO " + reader + " WITH GRANT OPTION");
            bench.run("postgres", "ALTER DATABASE source SET search_path TO edfi, \"Od,d\", public");
            bench.run("postgres", "ALTER DATABASE source SET \"TimeZone\" TO 'America/Chicago'");
            bench.run("postgres", "ALTER DATABASE source SET application_name TO 'it''s a \\ \"note\"'");
            bench.run("postgres", "ALTER ROLE " + bench.role.username() + " IN DATABASE source SET work_mem TO '8MB'");
            bench.run("postgres", "ALTER DATABASE source CONNECTION LIMIT 17");

            copy(false);

            assertThat(traits("target")).isEqualTo(traits("source"));
            assertThat(traits("target"))
                    .contains("17")
                    .contains("Od,d")
                    .contains("work_mem")
                    .contains("a \\\\ ");
            assertThat(bench.query("target", "SHOW search_path")).containsExactly("edfi, \"Od,d\", public");
        } finally {
            bench.server.execute("DROP OWNED BY " + reader);
            bench.run("postgres", "REVOKE ALL ON DATABASE source FROM " + reader);
            if (bench.databases().contains("target")) {
                bench.run("postgres", "REVOKE ALL ON DATABASE target FROM " + reader);
            }
            bench.server.execute("DROP ROLE " + reader);
        }
    }

    private String traits(String database) {
        return bench.queryAsSuperuser(
                "SELECT (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(d.datacl) a)"
                        + " || '|' || d.datconnlimit || '|' || pg_get_userbyid(d.datdba) || '|' || (SELECT"
                        + " string_agg(s.setrole || ':' || s.setconfig::text, ';' ORDER BY s.setrole)"
                        + " FROM pg_db_role_setting s WHERE s.setdatabase = d.oid)"
                        + " FROM pg_database d WHERE datname = '" + database + "'");
    }

    @Test
    void aCopyHasItsSourcesOwnerIfTheRoleIsAMember() {
        String owner = "owner_" + bench.role.username();
        bench.server.execute("CREATE ROLE " + owner);
        bench.server.execute("GRANT " + owner + " TO " + bench.role.username());
        try {
            bench.run("postgres", "ALTER DATABASE source OWNER TO " + owner);
            copy(false);
            assertThat(bench.queryAsSuperuser(
                            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'target'"))
                    .isEqualTo(owner);
        } finally {
            bench.server.execute("REASSIGN OWNED BY " + owner + " TO "
                    + bench.server.superuser().username());
            bench.server.execute("DROP DATABASE IF EXISTS target");
            bench.server.execute("DROP ROLE " + owner);
        }
    }

    @Test
    void aSourceThatTheRoleDoesNotOwnIsRefusedAndLeavesNothing() {
        bench.server.execute(
                "ALTER DATABASE source OWNER TO " + bench.server.superuser().username());
        assertCode(ErrorCode.INSUFFICIENT_PRIVILEGE, () -> copy(false));
        assertThat(bench.databases()).containsExactly("source");
    }

    @Test
    void aDatabaseAddedFromAnAdministratorsTemplateIsOwnedByTheWorker() {
        bench.server.execute("ALTER DATABASE source IS_TEMPLATE true");
        bench.server.execute(
                "ALTER DATABASE source OWNER TO " + bench.server.superuser().username());
        try (InstanceLock lock = lock("target")) {
            bench.provisioner().addInstance(lock, new AddInstance("target", "source", MARK), () -> {});
        }
        assertThat(bench.queryAsSuperuser("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'target'"))
                .isEqualTo(bench.role.username());
        assertThat(bench.queryAsSuperuser("SELECT datistemplate FROM pg_database WHERE datname = 'target'"))
                .isEqualTo("f");
    }

    @Test
    void aBusySourceIsReportedWithItsSessions() throws SQLException {
        try (Connection user = bench.session("source")) {
            user.setClientInfo("ApplicationName", "EdFi.Ods.WebApi");
            assertThatThrownBy(() -> copy(false)).isInstanceOfSatisfying(ProvisioningException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_BUSY);
                assertThat(e.getMessage())
                        .contains(bench.role.username())
                        .contains("EdFi.Ods.WebApi")
                        .doesNotContain(bench.role.password());
            });
            assertThat(user.isValid(5)).isTrue();
        }
        assertThat(bench.databases()).containsExactly("source");
    }

    /** Clients that reconnect without pause cannot slip in, and the source takes connections as before. */
    @Test
    void clientsThatReconnectAreDisconnectedForACopy() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger connected = new AtomicInteger();
        List<Thread> clients = java.util.stream.IntStream.range(0, 4)
                .mapToObj(i -> new Thread(() -> {
                    while (!stop.get()) {
                        try (Connection client = bench.session("source")) {
                            connected.incrementAndGet();
                            while (!stop.get() && client.isValid(5)) {
                                Thread.onSpinWait();
                            }
                        } catch (SQLException e) {
                            // Ended or turned away: it comes back at once, as an application's pool does.
                            Thread.onSpinWait();
                        }
                    }
                }))
                .toList();
        clients.forEach(Thread::start);
        try {
            await().until(() -> connected.get() >= clients.size());
            copy(true);
            assertThat(bench.rows("target")).containsExactly("row");
            int before = connected.get();
            await().until(() -> connected.get() > before || clients.stream().allMatch(Thread::isAlive));
        } finally {
            stop.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }
        assertThat(bench.rows("source")).containsExactly("row");
    }

    @Test
    void anInvalidDatabaseCannotBeCopiedAndCanBeDropped() {
        bench.server.execute("UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'source'");
        assertThat(bench.provisioner().instanceStatus("source").state()).isEqualTo(InstanceState.INVALID);
        try (InstanceLock lock = lock("source")) {
            bench.provisioner().deleteInstance(lock, "source");
        }
        assertThat(bench.databases()).isEmpty();
    }

    @Test
    void aDatabaseThatAllowsNoConnectionsIsOffline() {
        bench.run("postgres", "ALTER DATABASE source ALLOW_CONNECTIONS false");
        assertThat(bench.provisioner().instanceStatus("source").state()).isEqualTo(InstanceState.OFFLINE);
    }

    @Test
    void aDatabaseInUseIsDropped() throws SQLException {
        try (Connection user = bench.session("source");
                InstanceLock lock = lock("source")) {
            assertThat(user.isValid(5)).isTrue();
            bench.provisioner().deleteInstance(lock, "source");
            assertThat(user.isValid(5)).isFalse();
        }
        assertThat(bench.databases()).isEmpty();
    }

    /** A plain role may not end a superuser's session. */
    @Test
    void aDropThatCannotEndASessionIsTriedAgainLater() throws SQLException {
        try (Connection user = bench.server.connect("source", bench.server.superuser());
                InstanceLock lock = lock("source")) {
            assertThat(user.isValid(5)).isTrue();
            assertCode(ErrorCode.SOURCE_BUSY, () -> bench.provisioner().deleteInstance(lock, "source"));
        }
        assertThat(bench.provisioner().instanceStatus("source").state()).isEqualTo(InstanceState.ONLINE);
    }

    @Test
    void aDropOfADatabaseOfAnotherOwnerIsRefused() {
        bench.server.execute(
                "ALTER DATABASE source OWNER TO " + bench.server.superuser().username());
        try (InstanceLock lock = lock("source")) {
            assertCode(
                    ErrorCode.INSUFFICIENT_PRIVILEGE, () -> bench.provisioner().deleteInstance(lock, "source"));
        }
        assertThat(bench.databases()).containsExactly("source");
    }

    @Test
    void aStagingDatabaseOfAnEarlierAttemptIsRemoved() {
        bench.leave("target", Duration.ZERO);
        String others = bench.leave("other", Duration.ZERO);
        copy(false);
        assertThat(bench.databases()).containsExactlyInAnyOrder("source", "target", others);
        assertThat(bench.provisioner().instances())
                .extracting(status -> status.databaseName())
                .containsExactlyInAnyOrder("source", "target");
    }

    /** While it is made it is not there yet, nobody can connect to it, and its state says what is going on. */
    @Test
    void statusReportsThatADatabaseIsBeingCreated() {
        AtomicInteger seen = new AtomicInteger();
        try (InstanceLock lock = bench.provisioner()
                .tryLock(new LockRequest(Set.of("target"), Set.of("source")), step -> {
                    if (step.equals("rename")) {
                        assertThat(bench.provisioner().instanceStatus("target").state())
                                .isEqualTo(InstanceState.COPYING);
                        assertThat(bench.provisioner().instanceStatus("other").state())
                                .isEqualTo(InstanceState.NOT_FOUND);
                        assertThat(bench.databases()).doesNotContain("target");
                        List<Leftover> staging = bench.provisioner().leftovers();
                        assertThat(staging).hasSize(1);
                        assertThat(bench.provisioner().removeLeftover(staging.get(0)))
                                .isFalse();
                        assertThatThrownBy(() -> bench.session(staging.get(0).databaseName()))
                                .isInstanceOf(SQLException.class);
                        seen.incrementAndGet();
                    }
                })
                .orElseThrow()) {
            bench.provisioner().copyInstance(lock, new CopyInstance("target", "source", false, MARK), () -> {});
        }
        assertThat(seen).hasValue(1);
        assertThat(bench.provisioner().instanceStatus("target").state()).isEqualTo(InstanceState.ONLINE);
    }

    /** A hand that takes no locks makes the database in the last moment: it is kept, and nothing is left beside it. */
    @Test
    void aDatabaseCreatedMeanwhileIsNotReplaced() {
        try (InstanceLock lock = bench.provisioner()
                .tryLock(new LockRequest(Set.of("target"), Set.of()), step -> {
                    if (step.equals("mark")) {
                        bench.run("postgres", "CREATE DATABASE target");
                    }
                })
                .orElseThrow()) {
            assertCode(
                    ErrorCode.INSTANCE_CONFLICT,
                    () -> bench.provisioner()
                            .copyInstance(lock, new CopyInstance("target", "source", false, MARK), () -> {}));
        }
        assertThat(bench.provisioner().instanceStatus("target").mark()).isNull();
    }

    @Test
    void aTerminatedSessionReleasesItsLocksAndIsNotReused() throws SQLException {
        try (InstanceLock lock = lock("target")) {
            int pid = ((PostgresLock) lock).backendPid();
            bench.server.execute("SELECT pg_terminate_backend(" + pid + ")");
            await().until(() -> bench.queryAsSuperuser("SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid)
                    .equals("0"));
            assertCode(
                    ErrorCode.SERVER_UNAVAILABLE,
                    () -> bench.provisioner().addInstance(lock, new AddInstance("target", null, MARK), () -> {}));
        }
        try (InstanceLock lock = lock("target")) {
            bench.provisioner().addInstance(lock, new AddInstance("target", null, MARK), () -> {});
        }
    }

    /** A plain role is not told what kind of session another role's is. */
    @Test
    void sessionsOfUnrelatedRolesAreFound() throws SQLException {
        try (Connection user = bench.server.connect("source", bench.server.superuser())) {
            assertThat(user.isValid(5)).isTrue();
            assertThat(bench.provisioner().instanceInfo("source").activeConnections())
                    .isEqualTo(1);
            assertThatThrownBy(() -> copy(false))
                    .hasMessageContaining(bench.server.superuser().username())
                    .isInstanceOf(ProvisioningException.class);
        }
    }

    @Test
    void sessionsOfOtherRolesAreEndedWithThePrivilegeAndSuperusersNever() throws SQLException {
        Login other = bench.server.createRole("other_" + bench.role.username());
        bench.server.execute("GRANT pg_signal_backend TO " + bench.role.username());
        try {
            try (Connection user = bench.server.connect("source", other);
                    Connection superuser = bench.server.connect("source", bench.server.superuser())) {
                assertCode(ErrorCode.SOURCE_BUSY, () -> copy(true));
                assertThat(user.isValid(5)).isTrue();
                assertThat(superuser.isValid(5)).isTrue();
            }
            try (Connection user = bench.server.connect("source", other)) {
                copy(true);
                assertThat(user.isValid(5)).isFalse();
            }
        } finally {
            bench.server.execute("DROP ROLE " + other.username());
        }
        assertThat(bench.rows("target")).containsExactly("row");
    }

    /** Neither a default of the role nor what a failed copy set may end it early: that would leave an invalid database. */
    @Test
    void noTimeoutCancelsADrop() throws SQLException {
        bench.server.execute("ALTER ROLE " + bench.role.username() + " SET statement_timeout TO '1s'");
        try (Connection user = bench.session("source")) {
            assertThat(user).isNotNull();
            assertCode(ErrorCode.SOURCE_BUSY, () -> copy(false));
        }
        try (InstanceLock lock = lock("source")) {
            try (Statement statement = ((PostgresLock) lock).session().createStatement();
                    ResultSet limits = statement.executeQuery(
                            "SELECT string_agg(setting, ',') FROM pg_settings WHERE name IN"
                                    + " ('statement_timeout', 'client_connection_check_interval') HAVING max(setting) <> '0'")) {
                assertThat(limits.next()).isFalse();
            }
            bench.provisioner().deleteInstance(lock, "source");
        }
        assertThat(bench.databases()).isEmpty();
    }

    @Test
    void aDatabaseThatIsMarkedAsATemplateIsNotDropped() {
        bench.run("postgres", "ALTER DATABASE source IS_TEMPLATE true");
        try (InstanceLock lock = lock("source")) {
            assertCode(ErrorCode.PROTECTED_DATABASE, () -> bench.provisioner().deleteInstance(lock, "source"));
        }
        assertThat(bench.databases()).containsExactly("source");
    }
}
