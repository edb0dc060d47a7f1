package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Faults.Hold;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Backups of templates that are kept for further Adds, on the fake. */
class SqlServerTemplateBackupIT {

    private static final OwnershipMark MARK = new OwnershipMark(
            "7", null, "job-1", Operation.ADD, "Minimal", null, Instant.parse("2026-11-22T05:00:00Z"));

    private FakeSqlServer server;
    private SqlServerFixture fixture;
    private InstanceProvisioner provisioner;

    @BeforeEach
    void start() {
        server = new FakeSqlServer();
        server.createDatabase("tpl", "Grand Bend");
        server.setReadOnly("tpl");
        fixture = new SqlServerFixture(TestServer.fake(server));
        provisioner = fixture.provisioner(Map.of("reuse-template-backups", "true"));
    }

    @AfterEach
    void stop() {
        provisioner.close();
        fixture.provisioner().close();
        fixture.close();
    }

    private void add(String database) {
        add(provisioner, database);
    }

    private static void add(InstanceProvisioner on, String database) {
        try (InstanceLock lock = lock(on, database)) {
            on.addInstance(lock, new AddInstance(database, "tpl", MARK), () -> {});
        }
        assertThat(on.instanceStatus(database).mark()).isEqualTo(MARK);
    }

    /** The session of a job whose connection was cut may hold its locks for a moment. */
    private static InstanceLock lock(InstanceProvisioner on, String database) {
        LockRequest request = new LockRequest(Set.of(database), Set.of());
        return await().until(() -> on.tryLock(request, step -> {}), Optional::isPresent)
                .orElseThrow();
    }

    private long backupsMade() {
        return server.statements().stream()
                .filter(sql -> sql.startsWith("BACKUP DATABASE [tpl]"))
                .count();
    }

    private List<String> files() {
        return server.files().stream().filter(file -> file.endsWith(".bak")).toList();
    }

    private List<String> kept() {
        return fixture.queryJournal("SELECT path FROM dbo.template_backup");
    }

    private void sweep() {
        provisioner.leftovers().forEach(provisioner::removeLeftover);
    }

    @Test
    void addsFromATemplateThatDoesNotChangeMakeOneBackup() {
        add("ods_a");
        add("ods_b");
        add("ods_c");
        assertThat(backupsMade()).isEqualTo(1);
        assertThat(server.districts("ods_c")).containsExactly("Grand Bend");
        assertThat(files()).hasSize(1).isEqualTo(kept());
        assertThat(provisioner.leftovers()).isEmpty();
    }

    static Stream<Named<Consumer<FakeSqlServer>>> changes() {
        return Stream.of(
                Named.of("rows", server -> server.addDistricts("tpl", "Glendale")),
                Named.of("restored over", server -> server.fork("tpl")),
                Named.of("made anew", server -> server.setCreateDate("tpl", Instant.parse("2030-01-01T00:00:00Z"))));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void theBackupOfATemplateThatHasChangedIsReplaced(Consumer<FakeSqlServer> change) {
        add("ods_a");
        List<String> first = files();
        change.accept(server);
        add("ods_b");
        assertThat(backupsMade()).isEqualTo(2);
        assertThat(server.districts("ods_b")).isEqualTo(server.districts("tpl"));
        assertThat(files()).hasSize(1).isEqualTo(kept()).isNotEqualTo(first);
    }

    @Test
    void aTemplateThatChangesDuringItsBackupHasNoKeptBackup() throws Exception {
        Hold backup = server.faults().holdMidway("BACKUP DATABASE [tpl]");
        CompletableFuture<Void> job = CompletableFuture.runAsync(() -> add("ods_a"));
        backup.awaitArrival();
        server.addDistricts("tpl", "Glendale");
        backup.release();
        job.get(1, TimeUnit.MINUTES);
        assertThat(kept()).isEmpty();
        assertThat(files()).isEmpty();
    }

    /** Its backup begins with a checkpoint, which writes log. */
    @Test
    void theBackupOfATemplateThatIsNotReadOnlyIsNotKept() {
        fixture.run("master", TSql.setReadWrite("tpl"));
        add("ods_a");
        add("ods_b");
        assertThat(backupsMade()).isEqualTo(2);
        assertThat(files()).isEmpty();
        assertThat(kept()).isEmpty();
    }

    @Test
    void withoutTheRightToSeeTheLogNoBackupIsKept() {
        server.faults().fail("sys.dm_db_log_stats", 300, 14);
        add("ods_a");
        assertThat(files()).isEmpty();
    }

    @Test
    void aCopyKeepsAndUsesNoBackup() {
        try (InstanceLock lock = lock(provisioner, "ods_a")) {
            provisioner.copyInstance(lock, new CopyInstance("ods_a", "tpl", false, MARK), () -> {});
        }
        assertThat(files()).isEmpty();
        add("ods_b");
        try (InstanceLock lock = lock(provisioner, "ods_c")) {
            provisioner.copyInstance(lock, new CopyInstance("ods_c", "tpl", false, MARK), () -> {});
        }
        assertThat(backupsMade()).isEqualTo(3);
        assertThat(files()).isEqualTo(kept());
    }

    @Test
    void aKeptBackupThatIsMissingIsMadeAnew() {
        add("ods_a");
        server.removeFile(files().get(0));
        add("ods_b");
        assertThat(backupsMade()).isEqualTo(2);
        assertThat(files()).hasSize(1).isEqualTo(kept());
    }

    @Test
    void aKeptBackupThatBreaksOffWhileItIsRestoredIsMadeAnew() {
        add("ods_a");
        server.faults().failMidway("RESTORE DATABASE", 3203, 16);
        add("ods_b");
        assertThat(backupsMade()).isEqualTo(2);
        assertThat(files()).hasSize(1).isEqualTo(kept());
    }

    @Test
    void aKeptBackupIsNotBlamedForAFullDisk() {
        add("ods_a");
        server.faults().fail("RESTORE DATABASE", 5149, 16);
        assertThatThrownBy(() -> add("ods_b"))
                .isInstanceOfSatisfying(
                        ProvisioningException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
        add("ods_b");
        assertThat(backupsMade()).isEqualTo(1);
        assertThat(files()).hasSize(1).isEqualTo(kept());
    }

    /** Otherwise overlapping Adds would never keep one. */
    @Test
    void anAddThatHasFoundNoKeptBackupPermitsOthersToMakeOne() throws Exception {
        Hold looking = server.faults().holdAnswer("FROM dbo.template_backup");
        CompletableFuture<Void> one = CompletableFuture.runAsync(() -> add("ods_a"));
        looking.awaitArrival();
        Hold backup = server.faults().holdMidway("BACKUP DATABASE [tpl]");
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> add("ods_b"));
        backup.awaitArrival();
        looking.release();
        one.get(1, TimeUnit.MINUTES);
        assertThat(kept()).hasSize(1);
        backup.release();
        other.get(1, TimeUnit.MINUTES);
        assertThat(files()).isEqualTo(kept());
    }

    @Test
    void aBackupIsNotRemovedWhileAnotherJobRestoresIt() throws Exception {
        add("ods_a");
        List<String> first = kept();
        Hold restore = server.faults().holdMidway("RESTORE DATABASE");
        CompletableFuture<Void> job = CompletableFuture.runAsync(() -> add("ods_b"));
        restore.awaitArrival();
        server.addDistricts("tpl", "Glendale");
        add("ods_c");
        assertThat(server.districts("ods_c")).containsExactly("Grand Bend", "Glendale");
        assertThat(files()).isEqualTo(kept()).isEqualTo(first);
        restore.release();
        job.get(1, TimeUnit.MINUTES);
        assertThat(server.districts("ods_b")).containsExactly("Grand Bend");
        add("ods_d");
        assertThat(files()).hasSize(1).isEqualTo(kept()).isNotEqualTo(first);
    }

    @Test
    void whileAJobMakesTheBackupAnotherMakesOneOfItsOwn() throws Exception {
        Hold backup = server.faults().holdMidway("BACKUP DATABASE [tpl]");
        CompletableFuture<Void> job = CompletableFuture.runAsync(() -> add("ods_a"));
        backup.awaitArrival();
        add("ods_b");
        assertThat(kept()).isEmpty();
        backup.release();
        job.get(1, TimeUnit.MINUTES);
        assertThat(backupsMade()).isEqualTo(2);
        assertThat(files()).hasSize(1).isEqualTo(kept());
    }

    static Stream<Named<Consumer<FakeSqlServer>>> crashes() {
        Stream<String> steps = Stream.of(
                "DELETE FROM dbo.template_backup",
                "xp_delete_file",
                "DELETE FROM dbo.backup_file WHERE",
                "INSERT INTO dbo.backup_file",
                "BACKUP DATABASE [tpl]",
                "INSERT INTO dbo.template_backup",
                "RESTORE FILELISTONLY",
                "RESTORE DATABASE",
                "MODIFY NAME");
        return Stream.concat(
                steps.flatMap(step -> Stream.of(
                        Named.<Consumer<FakeSqlServer>>of(
                                "before " + step, server -> server.faults().cutBefore(step)),
                        Named.of("after " + step, server -> server.faults().cutAfter(step)))),
                Stream.of(
                        Named.of("in the BACKUP", server -> server.faults().cutMidway("BACKUP DATABASE [tpl]")),
                        Named.of("in the RESTORE", server -> server.faults().cutMidway("RESTORE DATABASE"))));
    }

    /** The first Add keeps a backup, which the crashed one has to replace. */
    @ParameterizedTest
    @MethodSource("crashes")
    void aCrashLeavesAWholeBackupThatIsKnownOrOneThatIsRemoved(Consumer<FakeSqlServer> crash) {
        add("ods_a");
        server.addDistricts("tpl", "Glendale");
        crash.accept(server);
        assertThatThrownBy(() -> add("ods_b")).isInstanceOf(ProvisioningException.class);
        lock(provisioner, "ods_b").close();
        sweep();
        assertThat(files()).isEqualTo(kept());
        assertThat(provisioner.leftovers()).isEmpty();
        add("ods_c");
        assertThat(server.districts("ods_c")).containsExactly("Grand Bend", "Glendale");
        assertThat(files()).hasSize(1).isEqualTo(kept());
    }

    @Test
    void aJournalOfAnEarlierVersionGetsTheTable() {
        add("ods_a");
        fixture.changeJournal("DROP TABLE dbo.template_backup");
        try (InstanceProvisioner later = fixture.provisioner(Map.of("reuse-template-backups", "true"))) {
            add(later, "ods_b");
            add(later, "ods_c");
        }
        assertThat(backupsMade()).isEqualTo(2);
        assertThat(kept()).hasSize(1);
    }
}
