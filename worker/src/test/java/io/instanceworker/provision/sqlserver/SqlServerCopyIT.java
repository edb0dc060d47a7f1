package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashedInstance;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Faults;
import io.instanceworker.provision.sqlserver.fake.State;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to SQL Server, on the fake: files, backups, settings, states and access. */
class SqlServerCopyIT {

    private static final OwnershipMark MARK = new OwnershipMark(
            "7", null, "job-1", Operation.ADD, "Minimal", null, Instant.parse("2026-11-22T05:00:00Z"));
    private static final String FOLDER = "/var/opt/mssql/data/";
    private static final Duration OFTEN = Duration.ofMillis(10);
    private static final String RESTRICTED_USER = "2";

    private FakeSqlServer server;
    private SqlServerFixture fixture;

    @BeforeEach
    void start() {
        server = new FakeSqlServer();
        server.createDatabase("tpl", "Grand Bend");
        fixture = new SqlServerFixture(TestServer.fake(server));
    }

    @AfterEach
    void stop() {
        fixture.provisioner().close();
        fixture.close();
    }

    private InstanceStatus add(String database, String template) {
        return add(fixture.provisioner(), database, template);
    }

    private static InstanceStatus add(InstanceProvisioner provisioner, String database, @Nullable String template) {
        try (InstanceLock lock = lock(provisioner, database)) {
            provisioner.addInstance(lock, new AddInstance(database, template, MARK), () -> {});
            return provisioner.instanceStatus(database);
        }
    }

    private static InstanceLock lock(InstanceProvisioner provisioner, String database) {
        return provisioner
                .tryLock(new LockRequest(Set.of(database), Set.of()), step -> {})
                .orElseThrow();
    }

    private void assertFails(ErrorCode code, String database, String template) {
        assertThatThrownBy(() -> add(database, template))
                .isInstanceOfSatisfying(
                        ProvisioningException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(server.databases()).noneMatch(name -> name.startsWith("iw_staging_"));
        assertThat(server.files()).noneMatch(file -> file.endsWith(".bak"));
    }

    @Test
    void everyFileOfTheSourceGetsAPathOfItsOwn() {
        server.addFile("tpl", "second", "D", FOLDER + "tpl_2.ndf");
        server.addFile("tpl", "documents", "S", FOLDER + "tpl_documents");
        add("ods_a", "tpl");
        add("ods_b", "tpl");
        assertThat(server.files().stream().filter(file -> file.startsWith(FOLDER + "ods_a_")))
                .hasSize(4)
                .anyMatch(file -> file.endsWith(".mdf"))
                .anyMatch(file -> file.endsWith(".ndf"))
                .anyMatch(file -> file.endsWith(".ldf"));
        assertThat(server.files().stream().filter(file -> file.startsWith(FOLDER + "ods_b_")))
                .hasSize(4);
    }

    @Test
    void aJobSendsAsManyStatementsAfterManyOthersAsBefore() {
        add("ods_0", "tpl");
        int before = statementsOf(() -> add("ods_1", "tpl"));
        for (int i = 2; i < 30; i++) {
            add("ods_" + i, "tpl");
            fixture.leave("left_" + i, Duration.ZERO);
        }
        assertThat(statementsOf(() -> add("ods_30", "tpl"))).isEqualTo(before);
    }

    private int statementsOf(Runnable job) {
        int before = server.statements().size();
        job.run();
        return server.statements().size() - before;
    }

    @Test
    void aTemplateMayBeABackupFileWhichStays() {
        String backup = FOLDER + "template.bak";
        server.putBackup(backup, "tpl");
        assertThat(fixture.provisioner().instanceStatus(backup).state()).isEqualTo(InstanceState.ONLINE);
        add("ods_a", backup);
        assertThat(server.districts("ods_a")).containsExactly("Grand Bend");
        assertThat(server.files()).contains(backup);
        assertThat(fixture.provisioner().instanceStatus(FOLDER + "absent.bak").exists())
                .isFalse();
    }

    @Test
    void aReadOnlyTemplateMakesADatabaseThatTakesChanges() {
        server.setReadOnly("tpl");
        assertThat(add("ods_a", "tpl").mark()).isEqualTo(MARK);
    }

    @Test
    void ownerRecoveryModelAndFoldersAreThoseOfTheSettings() {
        server.addLogin("ods_owner");
        server.addFolder("/backups");
        server.addFolder("/data");
        server.addFolder("/log");
        try (InstanceProvisioner configured = fixture.provisioner(Map.of(
                "owner", "ods_owner",
                "recovery-model", "simple",
                "backup-directory", "/backups",
                "data-directory", "/data/",
                "log-directory", "/log"))) {
            add(configured, "ods_a", "tpl");
        }
        assertThat(server.owner("ods_a")).isEqualTo("ods_owner");
        assertThat(server.recoveryModel("ods_a")).isEqualTo("SIMPLE");
        assertThat(server.files())
                .anyMatch(file -> file.startsWith("/data/ods_a_") && file.endsWith(".mdf"))
                .anyMatch(file -> file.startsWith("/log/ods_a_") && file.endsWith(".ldf"));
        assertThat(server.statements()).anyMatch(sql -> sql.contains("TO DISK = N'/backups/ods_a_"));
    }

    @Test
    void theHostingFormOfTheSettingIsUsedInsteadOfTheOneFoundOut() {
        try (InstanceProvisioner rds = fixture.provisioner(Map.of("hosting", "amazon-rds"))) {
            assertUnsupported("s3-prefix", () -> add(rds, "ods_a", "tpl"));
        }
        assertThat(fixture.databases()).isEmpty();
        assertThat(server.hasDatabase("tpl")).isTrue();
        try (InstanceProvisioner machine = fixture.provisioner(Map.of("hosting", "machine"))) {
            add(machine, "ods_a", "tpl");
        }
    }

    @Test
    void aSchemaOnlyCopyHasTheTablesWithoutTheirRowsAndAWarningThatSaysSo() {
        List<String> warnings = new ArrayList<>();
        StepListener steps = new StepListener() {
            @Override
            public void at(String step) {
                // Only the warnings are of interest.
            }

            @Override
            public void warn(String warning) {
                warnings.add(warning);
            }
        };
        try (InstanceProvisioner schemaOnly = fixture.provisioner(Map.of("copy-method", "schema-only"));
                InstanceLock lock = schemaOnly
                        .tryLock(new LockRequest(Set.of("ods_a"), Set.of()), steps)
                        .orElseThrow()) {
            schemaOnly.addInstance(lock, new AddInstance("ods_a", "tpl", MARK), () -> {});
            assertThat(schemaOnly.instanceStatus("ods_a").mark()).isEqualTo(MARK);
        }
        assertThat(server.districts("ods_a")).isEmpty();
        fixture.addRow("ods_a", "a row of its own");
        assertThat(server.districts("tpl")).containsExactly("Grand Bend");
        assertThat(warnings).singleElement().asString().contains("No rows were copied");
    }

    @Test
    void aSchemaOnlyCopyOfABackupIsRefusedAndOneWithoutTheRightSaysWhoMayMakeIt() {
        server.putBackup(FOLDER + "template.bak", "tpl");
        try (InstanceProvisioner schemaOnly = fixture.provisioner(Map.of("copy-method", "schema-only"))) {
            assertUnsupported("copy-method", () -> add(schemaOnly, "ods_a", FOLDER + "template.bak"));
            server.faults().fail("DBCC CLONEDATABASE", 2571, 14);
            assertThatThrownBy(() -> add(schemaOnly, "ods_a", "tpl"))
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.INSUFFICIENT_PRIVILEGE))
                    .hasMessageContaining("sysadmin");
        }
        assertThat(fixture.databases()).isEmpty();
    }

    private static void assertUnsupported(String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProvisioningException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_BY_SERVER))
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BACKUP DATABASE",
                "RESTORE FILELISTONLY",
                "RESTORE DATABASE",
                "sp_addextendedproperty",
                "MODIFY NAME"
            })
    void aFailureAtAnyStatementLeavesNothingBehind(String statement) {
        server.faults().fail(statement, 50000, 16);
        assertFails(ErrorCode.INTERNAL_ERROR, "ods_a", "tpl");
        assertThat(add("ods_a", "tpl").mark()).isEqualTo(MARK);
    }

    /** The procedure that removes backups leaves one that is not whole. */
    @Test
    void aBackupThatBrokeOffIsRemovedToo() {
        server.faults().failMidway("BACKUP DATABASE [tpl]", 3202, 16);
        assertFails(ErrorCode.DISK_FULL, "ods_a", "tpl");
    }

    @Test
    void aBackupThatCannotBeRemovedIsNoFailureAndIsLeftToTheSweep() {
        server.faults().fail("xp_delete_file", 229, 14);
        assertThat(add("ods_a", "tpl").mark()).isEqualTo(MARK);
        assertThat(fixture.provisioner().leftovers()).hasSize(1);
        assertThat(fixture.provisioner()
                        .removeLeftover(fixture.provisioner().leftovers().get(0)))
                .isTrue();
        assertThat(server.files()).noneMatch(file -> file.endsWith(".bak"));
        assertThat(fixture.provisioner().leftovers()).isEmpty();
    }

    @Test
    void aSourceThatIsOfflineCannotBeCopied() {
        server.setState("tpl", State.OFFLINE);
        assertFails(ErrorCode.SOURCE_INVALID, "ods_a", "tpl");
    }

    @ParameterizedTest
    @ValueSource(ints = {State.RESTORING, State.RECOVERING, State.SUSPECT, State.OFFLINE})
    void aDatabaseThatIsNotOnlineHasAMarkThatIsNotKnown(int state) {
        add("ods_a", "tpl");
        server.setState("ods_a", state);
        InstanceStatus status = fixture.provisioner().instanceStatus("ods_a");
        assertThat(status.exists()).isTrue();
        assertThat(status.mark()).isNull();
        assertThat(status.markUnreadable()).isTrue();
        assertThat(status.state().code()).isEqualTo(state);
        server.setState("ods_a", State.ONLINE);
    }

    @Test
    void theMarksOfAPageAreReadThoughOneDatabaseHasGoneOffline() {
        add("ods_a", "tpl");
        add("ods_b", "tpl");
        server.faults().fail("UNION ALL", 942, 14);
        assertThat(fixture.provisioner().instances())
                .filteredOn(status -> status.mark() != null)
                .extracting(InstanceStatus::databaseName)
                .containsExactlyInAnyOrder("ods_a", "ods_b");
    }

    /** What a provisioner that asks often has reported. */
    private static final class Reports implements StepListener {
        private final List<Integer> percents = new CopyOnWriteArrayList<>();

        @Override
        public void at(String step) {
            // Only the progress is looked at.
        }

        @Override
        public void progress(int percent) {
            percents.add(percent);
        }

        private void await(int percent) {
            Awaitility.await().until(() -> percents.contains(percent));
        }
    }

    private CompletableFuture<Void> start(InstanceProvisioner on, String template, StepListener steps) {
        return CompletableFuture.runAsync(() -> {
            LockRequest request = new LockRequest(Set.of("ods_a"), Set.of());
            try (InstanceLock lock = on.tryLock(request, steps).orElseThrow()) {
                on.addInstance(lock, new AddInstance("ods_a", template, MARK), () -> {});
            }
        });
    }

    private void awaitProgressQueries(int count) {
        Awaitility.await()
                .until(() -> server.statements().stream()
                                .filter(SqlServerCopyIT::isProgressQuery)
                                .count()
                        >= count);
    }

    @Test
    void aBackupIsTheFirstHalfOfTheProgressAndItsRestoreTheSecond() throws Exception {
        Faults.Hold backup = server.faults().holdMidway("BACKUP DATABASE");
        Faults.Hold restore = server.faults().holdMidway("RESTORE DATABASE");
        Reports reports = new Reports();
        server.percentComplete(40);
        try (InstanceProvisioner watching = fixture.provisioner(OFTEN)) {
            CompletableFuture<Void> added = start(watching, "tpl", reports);
            backup.awaitArrival();
            reports.await(20);
            backup.release();
            restore.awaitArrival();
            reports.await(70);
            restore.release();
            added.join();
        }
        assertThat(reports.percents).containsOnly(20, 70);
    }

    @Test
    void theRestoreOfABackupFileIsTheWholeProgress() throws Exception {
        Faults.Hold restore = server.faults().holdMidway("RESTORE DATABASE");
        Reports reports = new Reports();
        server.percentComplete(40);
        server.putBackup(FOLDER + "template.bak", "tpl");
        try (InstanceProvisioner watching = fixture.provisioner(OFTEN)) {
            CompletableFuture<Void> added = start(watching, FOLDER + "template.bak", reports);
            restore.awaitArrival();
            reports.await(40);
            restore.release();
            added.join();
        }
    }

    /** SQL Server leaves out the other sessions then. Another server may refuse the query. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLoginThatMayNotSeeTheProgressCopiesWithoutIt(boolean refused) throws Exception {
        if (refused) {
            server.percentComplete(40);
            server.faults().fail("sys.dm_exec_requests", 300, 14);
        } else {
            server.percentComplete(null);
        }
        Faults.Hold restore = server.faults().holdMidway("RESTORE DATABASE");
        Reports reports = new Reports();
        server.putBackup(FOLDER + "template.bak", "tpl");
        try (InstanceProvisioner watching = fixture.provisioner(OFTEN)) {
            CompletableFuture<Void> added = start(watching, FOLDER + "template.bak", reports);
            restore.awaitArrival();
            awaitProgressQueries(refused ? 1 : 3);
            restore.release();
            added.join();
        }
        assertThat(server.districts("ods_a")).containsExactly("Grand Bend");
        assertThat(reports.percents).isEmpty();
    }

    @Test
    void aStatementThatEndsSoonIsNotWatched() {
        try (InstanceProvisioner watching = fixture.provisioner(Duration.ofHours(1))) {
            start(watching, "tpl", new Reports()).join();
        }
        assertThat(server.statements()).noneMatch(SqlServerCopyIT::isProgressQuery);
    }

    private static boolean isProgressQuery(String sql) {
        return sql.contains("sys.dm_exec_requests");
    }

    /** Somebody who is in a database with one seat keeps the worker from reading its mark. */
    @Test
    void aDatabaseWhoseOnlySeatIsTakenIsOfAnUnknownStateAndCanBeDropped() throws Exception {
        add("ods_a", "tpl");
        try (Connection thief = server.connect("ods_a");
                Statement statement = thief.createStatement()) {
            statement.execute("ALTER DATABASE [ods_a] SET SINGLE_USER WITH ROLLBACK IMMEDIATE");
            InstanceStatus status = fixture.provisioner().instanceStatus("ods_a");
            assertThat(status.state()).isEqualTo(InstanceState.UNKNOWN);
            assertThat(status.markUnreadable()).isTrue();
        }
        try (InstanceLock lock = lock(fixture.provisioner(), "ods_a")) {
            fixture.provisioner().deleteInstance(lock, "ods_a");
        }
        assertThat(server.hasDatabase("ods_a")).isFalse();
    }

    @Test
    void aDropThatFailsLeavesTheDatabaseOpenToEverybody() {
        add("ods_a", "tpl");
        server.faults().fail("DROP DATABASE [ods_a]", 3702, 16);
        try (InstanceLock lock = lock(fixture.provisioner(), "ods_a")) {
            assertThatThrownBy(() -> fixture.provisioner().deleteInstance(lock, "ods_a"))
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_BUSY));
        }
        assertThat(userAccess("ods_a")).as("several users").containsExactly("0");
        assertThat(fixture.provisioner().instanceStatus("ods_a").mark()).isEqualTo(MARK);
    }

    /** Nothing would drop it any more if everybody could enter it. */
    @Test
    void aDatabaseInTheTrashWhoseDropOrRestoreFailsStaysClosed() {
        add("ods_a", "tpl");
        InstanceProvisioner provisioner = fixture.provisioner();
        String name = provisioner.nameRules().trashName("ods_a", Instant.now());
        try (InstanceLock lock = lock(provisioner, "ods_a")) {
            provisioner.trashInstance(lock, new TrashInstance("ods_a", name, "7", null, "job-2"), () -> {});
        }
        TrashedInstance trashed = provisioner.trash().get(0);

        server.faults().fail("DROP DATABASE [" + name + "]", 3709, 16);
        assertThatThrownBy(() -> provisioner.dropTrashed(trashed, Duration.ofMillis(-1)))
                .isInstanceOf(ProvisioningException.class);
        assertThat(userAccess(name)).containsExactly(RESTRICTED_USER);

        server.faults().fail("MODIFY NAME = [ods_a]", 5030, 16);
        try (InstanceLock lock = lock(provisioner, "ods_a")) {
            assertThatThrownBy(() -> provisioner.restoreInstance(lock, trashed, () -> {}))
                    .isInstanceOf(ProvisioningException.class);
        }
        assertThat(userAccess(name)).containsExactly(RESTRICTED_USER);
        assertThat(provisioner.dropTrashed(trashed, Duration.ofMillis(-1))).isTrue();
    }

    private List<String> userAccess(String database) {
        return fixture.query("master", "SELECT d.user_access FROM sys.databases d WHERE d.name = N'" + database + "'");
    }

    /** After a start of the server the journal's database may be later than the server itself. */
    @Test
    void aJournalThatIsNotOnlineYetIsAServerThatIsNotThere() {
        add("ods_a", "tpl");
        server.setState(fixture.journalDatabase(), State.RECOVERING);
        try (InstanceProvisioner other = fixture.anotherProvisioner()) {
            assertThatThrownBy(() -> lock(other, "ods_a"))
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVER_UNAVAILABLE));
            server.setState(fixture.journalDatabase(), State.ONLINE);
            lock(other, "ods_a").close();
        }
    }

    @Test
    void theSweepKnowsAStagingDatabaseThatIsStuckInRestoring() {
        server.faults().cutMidway("RESTORE DATABASE");
        assertThatThrownBy(() -> add("ods_a", "tpl")).isInstanceOf(ProvisioningException.class);
        List<String> stuck = server.databases().stream()
                .filter(name -> name.startsWith("iw_staging_"))
                .toList();
        assertThat(stuck)
                .singleElement()
                .satisfies(name -> assertThat(server.state(name)).isEqualTo(State.RESTORING));
        fixture.provisioner()
                .leftovers()
                .forEach(left ->
                        assertThat(fixture.provisioner().removeLeftover(left)).isTrue());
        assertThat(server.databases()).noneMatch(name -> name.startsWith("iw_staging_"));
        assertThat(server.files()).noneMatch(file -> file.endsWith(".bak"));
    }
}
