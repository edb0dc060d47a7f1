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
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.testing.Login;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.PGStream;
import org.postgresql.core.QueryExecutorBase;

/** What is found out about a source before anything is made from it, and how it is then copied. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 15, 18})
class PostgresSourceIT {

    private static final OwnershipMark MARK =
            new OwnershipMark("7", null, "job-1", Operation.COPY, null, "source", Instant.EPOCH);

    @Parameter
    int major;

    private PostgresFixture bench;
    private final Recorded recorded = new Recorded();

    /** What the engine reports of a job. */
    private static final class Recorded implements StepListener {
        final List<String> steps = new ArrayList<>();
        final List<String> warnings = new ArrayList<>();
        Consumer<String> also = step -> {};

        @Override
        public void at(String step) {
            steps.add(step);
            also.accept(step);
        }

        @Override
        public void warn(String warning) {
            warnings.add(warning);
        }
    }

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

    private void copy(InstanceProvisioner provisioner, boolean disconnect) {
        try (InstanceLock lock = lock(provisioner, "target")) {
            provisioner.copyInstance(lock, new CopyInstance("target", "source", disconnect, MARK), () -> {});
        }
    }

    private void copy(boolean disconnect) {
        copy(bench.provisioner(), disconnect);
    }

    private InstanceLock lock(InstanceProvisioner provisioner, String database) {
        return provisioner
                .tryLock(new LockRequest(Set.of(database), Set.of()), recorded)
                .orElseThrow();
    }

    private ProvisioningException failure(Runnable work) {
        ProvisioningException[] failure = new ProvisioningException[1];
        assertThatThrownBy(work::run).isInstanceOfSatisfying(ProvisioningException.class, e -> failure[0] = e);
        return failure[0];
    }

    private ProvisioningException failureBeforeCreate(ErrorCode code, Runnable work) {
        ProvisioningException failure = failure(work);
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        assertThat(recorded.steps).doesNotContain("create", "drop");
        assertThat(bench.databases()).containsExactly("source");
        return failure;
    }

    private List<String> settings(String database) {
        return bench.query(
                "postgres",
                "SELECT unnest(s.setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
                        + " WHERE d.datname = '" + database + "' ORDER BY 1");
    }

    @Test
    void aSettingThatTheRoleMayNotSetFailsBeforeTheCreate() {
        bench.server.execute("ALTER DATABASE source SET my.setting TO 'hidden value'");
        bench.server.execute("ALTER DATABASE source SET log_min_duration_statement TO 17");
        bench.server.execute("ALTER DATABASE source SET session_preload_libraries TO ''");
        bench.run("postgres", "ALTER DATABASE source SET work_mem TO '8MB'");

        ProvisioningException failure = failureBeforeCreate(ErrorCode.INSUFFICIENT_PRIVILEGE, () -> copy(false));

        assertThat(failure.sqlState()).isEqualTo("42501");
        assertThat(failure.getMessage())
                .contains("\"my.setting\"", "\"log_min_duration_statement\"", "\"session_preload_libraries\"")
                .contains("ALTER DATABASE \"source\" RESET \"my\".\"setting\"")
                .doesNotContain("work_mem", "hidden value");
    }

    @Test
    void aTemplateWithASettingThatTheRoleMayNotSetFailsBeforeTheCreate() {
        bench.server.execute("ALTER DATABASE source SET my.setting TO 'x'");
        failureBeforeCreate(ErrorCode.INSUFFICIENT_PRIVILEGE, () -> {
            try (InstanceLock lock = lock(bench.provisioner(), "target")) {
                bench.provisioner().addInstance(lock, new AddInstance("target", "source", MARK), () -> {});
            }
        });
    }

    /** The statement in the message is the one that helps. */
    @Test
    void aGrantOnTheParameterMakesTheCopyPossible() {
        bench.server.execute("ALTER DATABASE source SET my.setting TO 'x'");
        String message = failureBeforeCreate(ErrorCode.INSUFFICIENT_PRIVILEGE, () -> copy(false))
                .getMessage();
        String grant = "GRANT SET ON PARAMETER \"my\".\"setting\" TO \"" + bench.role.username() + "\"";
        if (major < 15) {
            assertThat(message).doesNotContain("GRANT SET ON PARAMETER");
            return;
        }
        assertThat(message).contains(grant);
        bench.server.execute(grant);
        try {
            copy(false);
            assertThat(settings("target")).containsExactly("my.setting=x");
        } finally {
            bench.server.execute("REVOKE SET ON PARAMETER my.setting FROM " + bench.role.username());
        }
    }

    @Test
    void aSettingOfARoleThatTheWorkerMayNotAlterIsReportedWithTheRoleAndAStatement() {
        String other = "other_" + bench.role.username();
        bench.server.execute("CREATE ROLE " + other);
        try {
            bench.server.execute("GRANT " + other + " TO " + bench.role.username());
            bench.server.execute("ALTER ROLE " + other + " IN DATABASE source SET work_mem TO '8MB'");

            String message = failureBeforeCreate(ErrorCode.INSUFFICIENT_PRIVILEGE, () -> copy(false))
                    .getMessage();

            assertThat(message).contains("\"work_mem\"", "role \"" + other + "\"");
            help(message, "ALTER ROLE \"" + bench.role.username() + "\" CREATEROLE");
            if (major >= 16) {
                help(message, "GRANT \"" + other + "\" TO \"" + bench.role.username() + "\" WITH ADMIN OPTION");
            }
            copy(false);
            assertThat(settings("target")).containsExactly("work_mem=8MB");
        } finally {
            bench.server.execute("ALTER ROLE " + bench.role.username() + " NOCREATEROLE");
            bench.server.execute("DROP ROLE " + other);
        }
    }

    private void help(String message, String statement) {
        assertThat(message).contains(statement);
        bench.server.execute(statement);
    }

    @Test
    void withSkipACopyLacksTheSettingAndHasAWarning() {
        bench.server.execute("ALTER DATABASE source SET my.setting TO 'hidden value'");
        bench.run("postgres", "ALTER DATABASE source SET work_mem TO '8MB'");
        try (InstanceProvisioner skipping = bench.provisioner("postgres", Map.of("unsettable", "skip"))) {
            copy(skipping, false);
        }
        assertThat(settings("target")).containsExactly("work_mem=8MB");
        assertThat(recorded.warnings)
                .singleElement()
                .asString()
                .contains("my.setting")
                .doesNotContain("hidden value");
    }

    @Test
    void theTestOfASettingLeavesNoSettingOnTheMaintenanceDatabase() {
        bench.run("postgres", "ALTER DATABASE source SET work_mem TO '8MB'");
        copy(false);
        assertThat(settings("target")).containsExactly("work_mem=8MB");
        assertThat(settings("postgres")).isEmpty();
        assertThat(recorded.warnings).isEmpty();
    }

    /** A session that stays would fail the CREATE after five seconds in which nobody can log in to the source. */
    @Test
    void aSourceWithASessionThatStaysIsBusyBeforeLoginsAreBlocked() throws SQLException {
        try (Connection user = bench.session("source")) {
            assertThat(failureBeforeCreate(ErrorCode.SOURCE_BUSY, () -> copy(false)))
                    .hasMessageContaining(bench.role.username());
            assertThat(user.isValid(5)).isTrue();
        }
    }

    @Test
    void aSourceWhoseSessionsComeAndGoIsCopied() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger connected = new AtomicInteger();
        Thread client = new Thread(() -> {
            while (!stop.get()) {
                try (Connection session = bench.session("source")) {
                    assertThat(session.isValid(5)).isTrue();
                    connected.incrementAndGet();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        client.start();
        try {
            await().until(() -> connected.get() > 0);
            copy(false);
        } finally {
            stop.set(true);
            client.join();
        }
        assertThat(bench.rows("target")).containsExactly("row");
    }

    @Test
    void aPreparedTransactionIsReportedAndNoSessionIsEnded() throws SQLException {
        bench.run("source", "BEGIN; INSERT INTO district (name) VALUES ('later'); PREPARE TRANSACTION 'tx-17'");
        try (Connection user = bench.session("source")) {
            for (boolean disconnect : List.of(false, true)) {
                assertThat(failureBeforeCreate(ErrorCode.SOURCE_BUSY, () -> copy(disconnect)))
                        .hasMessageContaining("tx-17");
            }
            assertThat(failureBeforeCreate(ErrorCode.SOURCE_BUSY, this::delete)).hasMessageContaining("tx-17");
            assertThat(user.isValid(5)).isTrue();
        } finally {
            bench.run("source", "ROLLBACK PREPARED 'tx-17'");
        }
    }

    private void delete() {
        try (InstanceLock lock = lock(bench.provisioner(), "source")) {
            bench.provisioner().deleteInstance(lock, "source");
        }
    }

    @Test
    void aSuperusersSessionIsReportedAndNoSessionIsEnded() throws SQLException {
        try (Connection user = bench.session("source");
                Connection superuser = bench.server.connect("source", bench.server.superuser())) {
            for (Runnable work : List.<Runnable>of(() -> copy(true), this::delete)) {
                assertThat(failureBeforeCreate(ErrorCode.SOURCE_BUSY, work))
                        .hasMessageContaining(bench.server.superuser().username());
            }
            assertThat(user.isValid(5)).isTrue();
            assertThat(superuser.isValid(5)).isTrue();
        }
    }

    @Test
    void aSessionOfARoleThatTheWorkerMayNotTerminateIsReportedAndNoSessionIsEnded() throws SQLException {
        Login other = bench.server.createRole("other_" + bench.role.username());
        try (Connection user = bench.session("source");
                Connection others = bench.server.connect("source", other)) {
            for (Runnable work : List.<Runnable>of(() -> copy(true), this::delete)) {
                assertThat(failureBeforeCreate(ErrorCode.SOURCE_BUSY, work)).hasMessageContaining(other.username());
            }
            assertThat(user.isValid(5)).isTrue();
            assertThat(others.isValid(5)).isTrue();
        } finally {
            bench.server.execute("DROP ROLE " + other.username());
        }
    }

    @Test
    void aSubscriptionIsReportedBeforeADropEndsSessions() throws SQLException {
        asSuperuser(
                "source", "CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1' PUBLICATION p WITH (connect = false)");
        try (Connection user = bench.session("source")) {
            assertThat(failureBeforeCreate(ErrorCode.SOURCE_BUSY, this::delete)).hasMessageContaining("feed");
            assertThat(user.isValid(5)).isTrue();
        } finally {
            asSuperuser("source", "ALTER SUBSCRIPTION feed SET (slot_name = NONE)");
            asSuperuser("source", "DROP SUBSCRIPTION feed");
        }
    }

    private void asSuperuser(String database, String sql) throws SQLException {
        try (Connection connection = bench.server.connect(database, bench.server.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void aCopyThatAllowsNoConnectionsIsReportedWithAWarning() {
        bench.run("postgres", "ALTER DATABASE source CONNECTION LIMIT 0");
        copy(false);
        assertThat(recorded.warnings).singleElement().asString().contains("connection limit");
        assertThat(bench.provisioner().verifyInstance("target").state()).isEqualTo(InstanceState.ONLINE);
    }

    @Test
    void aCopyThatTheWorkersRoleMayNotConnectToIsReportedWithAWarning() {
        bench.run("postgres", "REVOKE ALL ON DATABASE source FROM PUBLIC, " + bench.role.username());
        copy(false);
        assertThat(recorded.warnings).singleElement().asString().contains("CONNECT");
        assertThat(bench.provisioner().verifyInstance("target").state()).isEqualTo(InstanceState.ONLINE);
    }

    /** As a pg_hba.conf does that lists databases. Sessions that are there go on. */
    @Test
    void aLoginThatTheServerRefusesSaysNothingOfTheDatabase() {
        copy(false);
        assertThat(bench.provisioner().verifyInstance("target").state()).isEqualTo(InstanceState.ONLINE);
        String login = "ALTER ROLE " + bench.role.username();
        bench.server.execute(login + " NOLOGIN");
        try {
            assertThat(bench.provisioner().verifyInstance("target").state()).isEqualTo(InstanceState.ONLINE);
        } finally {
            bench.server.execute(login + " LOGIN");
        }
    }

    @Test
    void aDatabaseNeverHasItsNameBeforeItHasItsOwner() {
        String other = "other_" + bench.role.username();
        bench.server.execute("CREATE ROLE " + other);
        bench.server.execute("GRANT " + other + " TO " + bench.role.username());
        try {
            recorded.also = step -> {
                if (step.equals("mark")) {
                    bench.server.execute(
                            "ALTER DATABASE " + Sql.identifier(staging()) + " OWNER TO " + Sql.identifier(other));
                }
            };
            ProvisioningException failure = failure(() -> {
                try (InstanceLock lock = lock(bench.provisioner(), "target")) {
                    bench.provisioner().addInstance(lock, new AddInstance("target", null, MARK), () -> {});
                }
            });
            assertThat(failure.code()).as(failure.getMessage()).isEqualTo(ErrorCode.INTERNAL_ERROR);
            assertThat(failure).hasMessageContaining("does not belong to \"" + bench.role.username());
            assertThat(bench.databases()).containsExactly("source");
        } finally {
            bench.server.execute("DROP ROLE " + other);
        }
    }

    private String staging() {
        return bench.databases().stream()
                .filter(PostgresNames::isStaging)
                .findFirst()
                .orElseThrow();
    }

    /** Trying again by itself would make what somebody just dropped. */
    @Test
    void aDatabaseDroppedWhileItIsCreatedIsAFinalError() {
        recorded.also = step -> {
            if (step.equals("mark")) {
                bench.server.execute("DROP DATABASE " + Sql.identifier(staging()));
            }
        };
        ProvisioningException failure = failure(() -> copy(false));
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(ErrorCode.INSTANCE_NOT_FOUND);
        assertThat(bench.databases()).containsExactly("source");
    }

    /** It says nothing of the job's database, so the job waits for somebody to set it right. */
    @Test
    void anAbsentMaintenanceDatabaseIsServerUnavailable() {
        try (InstanceProvisioner lost = bench.provisioner("no_such", Map.of("connect-timeout-seconds", "1"))) {
            ProvisioningException failure = failure(() -> lost.instanceStatus("source"));
            assertThat(failure.code()).as(failure.getMessage()).isEqualTo(ErrorCode.SERVER_UNAVAILABLE);
            assertThat(failure).hasMessageContaining("no_such");
        }
    }

    /**
     * Files that the server counts although they are not its own. The program reads its input: one that ends before the
     * server has written it fails the statement.
     */
    private void addFilesToSource(String shellCommand) {
        bench.server.execute("COPY (SELECT 1) TO PROGRAM 'cat > /dev/null && cd base/"
                + bench.queryAsSuperuser("SELECT oid FROM pg_database WHERE datname = 'source'") + " && "
                + shellCommand + "'");
    }

    @Test
    void aDatabaseThatCannotBeMeasuredInTimeHasNoSizeAndTheOthersHave() throws SQLException {
        bench.run("postgres", "CREATE DATABASE small");
        addFilesToSource("seq -f extra%.0f 100000 | xargs touch");
        try (Connection session = bench.session("postgres");
                Statement limit = session.createStatement()) {
            limit.execute("SET statement_timeout = 20");
            DatabaseSizes sizes = new DatabaseSizes(Duration.ofMinutes(1));
            assertThat(PostgresCatalog.measured(session, List.of("source", "small", "absent"), sizes))
                    .satisfiesExactlyInAnyOrder(
                            slow -> {
                                assertThat(slow.databaseName()).isEqualTo("source");
                                assertThat(slow.sizeBytes()).isNull();
                                assertThat(slow.activeConnections()).isZero();
                            },
                            quick -> {
                                assertThat(quick.databaseName()).isEqualTo("small");
                                assertThat(quick.sizeBytes()).isPositive();
                            });
        }
    }

    @Test
    void measuringEndsWhenItsTimeIsUp() throws SQLException {
        try (InstanceLock lock = lock(bench.provisioner(), "target")) {
            DatabaseSizes noTime = new DatabaseSizes(Duration.ZERO);
            assertThat(PostgresCatalog.measured(((PostgresLock) lock).session(), List.of("source"), noTime))
                    .singleElement()
                    .satisfies(status -> assertThat(status.sizeBytes()).isNull());
        }
    }

    @Test
    void theStrategyOfACopyIsChosenByTheSizeOfItsSource() throws SQLException {
        try (InstanceLock lock = lock(bench.provisioner(), "target")) {
            PostgresLock ours = (PostgresLock) lock;
            assertThat(CopyStrategy.AUTO.prepare(ours, "source")).isEqualTo(major < 15 ? "" : " STRATEGY wal_log");
            addFilesToSource("truncate -s 1G extra");
            assertThat(CopyStrategy.AUTO.prepare(ours, "source")).isEqualTo(major < 15 ? "" : " STRATEGY file_copy");
        }
    }

    @Test
    void everyCopyStrategyOfTheServerCreatesTheSameCopy() {
        for (CopyStrategy strategy : CopyStrategy.values()) {
            Map<String, String> properties = Map.of("copy-strategy", strategy.name());
            boolean possible = switch (strategy) {
                case AUTO, FILE_COPY -> true;
                case WAL_LOG -> major >= 15;
                case CLONE -> major >= 18;
            };
            try (InstanceProvisioner provisioner = bench.provisioner("postgres", properties)) {
                if (possible) {
                    copy(provisioner, false);
                    assertThat(bench.rows("target")).as(strategy.name()).containsExactly("row");
                    bench.run("postgres", "DROP DATABASE target");
                } else {
                    failureOf(strategy, provisioner);
                }
            }
        }
    }

    private void failureOf(CopyStrategy strategy, InstanceProvisioner provisioner) {
        ProvisioningException failure = failure(() -> copy(provisioner, false));
        assertThat(failure.code()).as(strategy.name()).isEqualTo(ErrorCode.UNSUPPORTED_BY_SERVER);
        assertThat(bench.databases()).containsExactly("source");
    }

    @Test
    void bothSidesOfASessionNoticeWithinAMinuteThatTheOtherIsUnreachable() throws Exception {
        try (InstanceLock lock = lock(bench.provisioner(), "target")) {
            Connection session = ((PostgresLock) lock).session();
            assertThat(settingOf(session, "tcp_keepalives_idle")).isEqualTo("30");
            assertThat(settingOf(session, "tcp_keepalives_interval")).isEqualTo("10");
            assertThat(settingOf(session, "tcp_keepalives_count")).isEqualTo("3");
            assertThat(settingOf(session, "tcp_user_timeout")).isEqualTo(major < 12 ? null : "60000");
            Socket socket = socketOf(session);
            assertThat(socket.getKeepAlive()).isTrue();
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(30);
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(10);
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(3);
        }
    }

    private static String settingOf(Connection session, String name) throws SQLException {
        try (Statement statement = session.createStatement();
                java.sql.ResultSet row =
                        statement.executeQuery("SELECT setting FROM pg_settings WHERE name = '" + name + "'")) {
            return row.next() ? row.getString(1) : null;
        }
    }

    /** The driver's own: nothing else shows that it uses the factory and keeps its options. */
    private static Socket socketOf(Connection session) throws Exception {
        Object executor = session.unwrap(BaseConnection.class).getQueryExecutor();
        var stream = QueryExecutorBase.class.getDeclaredField("pgStream");
        stream.setAccessible(true);
        return ((PGStream) stream.get(executor)).getSocket();
    }
}
