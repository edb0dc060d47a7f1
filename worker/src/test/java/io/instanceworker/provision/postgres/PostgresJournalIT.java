package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.JournalStore;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal's database and table: who makes them, what is said where nobody may, and what happens when they are lost. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 18})
class PostgresJournalIT {

    private static final int WORKERS = 6;

    /** The database to run it in, if not any, and the statement. */
    private static final Pattern TO_RUN =
            Pattern.compile("An administrator has to run(?: in the database \"([^\"]+)\")?: (.+;)$");

    @Parameter
    int major;

    private PostgresFixture bench;
    private String journalDatabase;

    @BeforeEach
    void open() {
        bench = new PostgresFixture(major);
        journalDatabase = "journal_of_" + bench.role.username();
    }

    @AfterEach
    void close() {
        bench.provisioner().close();
        bench.close();
    }

    private JournalStore journal() {
        return bench.provisioner().journal().orElseThrow();
    }

    private void connect() throws SQLException {
        connect(journal());
    }

    /** Opens the journal and reads from its table. */
    private static void connect(JournalStore journal) throws SQLException {
        try (Connection connection = journal.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT count(*) FROM job_run");
        }
    }

    private ProvisioningException refusal() {
        return catchThrowableOfType(ProvisioningException.class, this::connect);
    }

    /** Runs, as an administrator, the statement that the error names. */
    private void runWhatItSays(ProvisioningException refused) throws SQLException {
        Matcher matcher = TO_RUN.matcher(String.valueOf(refused.getMessage()));
        assertThat(matcher.find()).as(refused.getMessage()).isTrue();
        String database = matcher.group(1) == null ? "postgres" : matcher.group(1);
        try (Connection connection = bench.server.connect(database, bench.server.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(matcher.group(2));
        }
    }

    private String asSuperuser(String database, String sql) throws SQLException {
        try (Connection connection = bench.server.connect(database, bench.server.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return sql;
        }
    }

    @Test
    void workersThatStartAtTheSameTimeCreateOneTableWithoutFailures() throws Exception {
        List<InstanceProvisioner> workers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
        CyclicBarrier atOnce = new CyclicBarrier(WORKERS);
        try {
            List<Future<?>> starts = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                InstanceProvisioner worker = bench.provisioner("postgres", Map.of());
                workers.add(worker);
                starts.add(threads.submit(() -> {
                    atOnce.await();
                    connect(worker.journal().orElseThrow());
                    return worker;
                }));
            }
            for (Future<?> start : starts) {
                start.get();
            }
        } finally {
            threads.shutdownNow();
            workers.forEach(InstanceProvisioner::close);
        }
        assertThat(bench.query(journalDatabase, "SELECT count(*) FROM pg_class WHERE relname = 'job_run'"))
                .containsExactly("1");
    }

    @Test
    void otherRolesMayNotConnectToTheJournalsDatabase() throws SQLException {
        connect();

        assertThatOthersMayNotConnect();
    }

    /** A worker that created it may have crashed before it took the rights of PUBLIC away. */
    @Test
    void otherRolesMayNotConnectToAJournalsDatabaseThatWasThereWithoutItsTable() throws SQLException {
        bench.run("postgres", "CREATE DATABASE " + journalDatabase);

        connect();

        assertThatOthersMayNotConnect();
    }

    private void assertThatOthersMayNotConnect() {
        assertThat(bench.queryAsSuperuser(
                        "SELECT has_database_privilege('public', '" + journalDatabase + "', 'CONNECT')"))
                .isEqualTo("f");
    }

    @Test
    void aLoginThatMayNotCreateDatabasesGetsTheStatementThatAnAdministratorHasToRun() throws SQLException {
        bench.server.execute("ALTER ROLE " + bench.role.username() + " NOCREATEDB");

        ProvisioningException refused = refusal();
        assertThat(refused.code()).isEqualTo(ErrorCode.INSUFFICIENT_PRIVILEGE);
        assertThat(refused).hasMessageContaining("may not create the database \"" + journalDatabase + "\"");

        runWhatItSays(refused);
        connect();
    }

    @Test
    void aJournalDatabaseOfAnotherOwnerIsRefusedWithTheStatementThatGivesItToTheLogin() throws SQLException {
        bench.server.execute("CREATE DATABASE " + journalDatabase);

        ProvisioningException refused = refusal();
        assertThat(refused.code()).isEqualTo(ErrorCode.INSUFFICIENT_PRIVILEGE);
        assertThat(refused)
                .hasMessageContaining("\"" + journalDatabase + "\"")
                .hasMessageContaining("belongs to \"" + bench.server.superuser().username() + "\"")
                .hasMessageContaining("journal-database");

        runWhatItSays(refused);
        connect();
    }

    @Test
    void aTableThatTheLoginMayNotWriteIsRefusedWithTheStatementThatGrantsIt() throws SQLException {
        connect();
        asSuperuser(
                journalDatabase,
                "ALTER TABLE job_run OWNER TO " + bench.server.superuser().username());
        asSuperuser(journalDatabase, "REVOKE ALL ON job_run FROM " + bench.role.username());
        try (InstanceProvisioner startedLater = bench.provisioner("postgres", Map.of())) {
            JournalStore journal = startedLater.journal().orElseThrow();

            ProvisioningException refused = catchThrowableOfType(ProvisioningException.class, () -> connect(journal));
            assertThat(refused.code()).isEqualTo(ErrorCode.INSUFFICIENT_PRIVILEGE);
            assertThat(refused).hasMessageContaining("may not read and write the table job_run");

            runWhatItSays(refused);
            connect(journal);
        }
    }

    @Test
    void aDroppedTableIsCreatedAgain() throws SQLException {
        connect();
        bench.run(journalDatabase, "DROP TABLE job_run");

        SQLException lost = catchThrowableOfType(SQLException.class, this::connect);
        ProvisioningException translated = journal().translate("Reading", lost);

        assertThat(translated.code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(translated).hasMessageContaining("was dropped").hasMessageContaining("makes it again");
        connect();
    }

    @Test
    void aDroppedDatabaseIsCreatedAgain() throws SQLException {
        connect();
        bench.server.execute("ALTER DATABASE " + journalDatabase + " ALLOW_CONNECTIONS false");
        bench.server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + journalDatabase + "'");
        await().untilAsserted(() -> bench.server.execute("DROP DATABASE IF EXISTS " + journalDatabase));

        await().ignoreExceptions().untilAsserted(this::connect);

        await().ignoreExceptions().untilAsserted(() -> bench.provisioner().probe());
        assertThat(bench.databasesAndJournal()).contains(journalDatabase);
    }

    @Test
    void onlyTheSessionOfACrashedWorkerIsEnded() throws SQLException {
        try (InstanceProvisioner other = bench.provisioner("postgres", Map.of());
                InstanceLock lock = creating("being_made")) {
            JournalStore otherJournal = other.journal().orElseThrow();

            assertThat(otherJournal.endOrphan("being_made", Duration.ZERO))
                    .as("while its worker is alive")
                    .isFalse();
            assertThat(journal().endOrphan("being_made", Duration.ZERO))
                    .as("by the same worker")
                    .isFalse();

            endPresence(journal().owner());

            assertThat(otherJournal.endOrphan("another_name", Duration.ZERO)).isFalse();
            assertThat(otherJournal.endOrphan("being_made", Duration.ZERO))
                    .as("after the worker's death")
                    .isTrue();
            assertThat(journal().sessionOf(lock).isValid(1)).isFalse();
        }
    }

    @Test
    void theSessionOfACrashedWorkerIsNotEndedWhileItDrops() throws SQLException {
        try (InstanceProvisioner other = bench.provisioner("postgres", Map.of());
                InstanceLock lock = lock("being_dropped")) {
            journal().connect().close();
            endPresence(journal().owner());

            assertThat(other.journal().orElseThrow().endOrphan("being_dropped", Duration.ZERO))
                    .isFalse();
            assertThat(journal().sessionOf(lock).isValid(1)).isTrue();
        }
    }

    @Test
    void aProbeAnnouncesTheWorkerAgainAfterItsSessionWasEnded() throws SQLException {
        try (InstanceProvisioner other = bench.provisioner("postgres", Map.of());
                InstanceLock lock = creating("being_made")) {
            endPresence(journal().owner());
            await().ignoreExceptions().untilAsserted(() -> bench.provisioner().probe());

            assertThat(other.journal().orElseThrow().endOrphan("being_made", Duration.ZERO))
                    .isFalse();
            assertThat(journal().sessionOf(lock).isValid(1)).isTrue();
        }
    }

    private InstanceLock lock(String database) {
        return bench.provisioner()
                .tryLock(new LockRequest(Set.of(database), Set.of()), step -> {})
                .orElseThrow();
    }

    /** A lock whose session says that it creates the database. */
    private InstanceLock creating(String database) throws SQLException {
        InstanceLock lock = lock(database);
        ((PostgresLock) lock).announce(InstanceState.COPYING);
        return lock;
    }

    /** What the end of a worker's process does to the session that says that it is alive. */
    private void endPresence(String owner) {
        long key = PostgresJournal.presenceKey(owner);
        String holder = "FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = " + (key >>> 32)
                + " AND objid::bigint = " + (key & 0xFFFF_FFFFL);
        assertThat(bench.queryAsSuperuser("SELECT pg_terminate_backend(pid) " + holder))
                .isEqualTo("t");
        await().untilAsserted(() ->
                assertThat(bench.queryAsSuperuser("SELECT count(*) " + holder)).isEqualTo("0"));
    }
}
