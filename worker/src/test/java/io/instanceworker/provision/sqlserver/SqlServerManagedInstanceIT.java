package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.sqlserver.fake.Platform;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to Azure SQL Managed Instance, on the fake: blobs, sessions, and a RESTORE that goes on without its client. */
class SqlServerManagedInstanceIT extends CloudCopyTest {

    private static final String TEMPLATE = "https://account.blob.core.windows.net/templates/minimal.bak";

    SqlServerManagedInstanceIT() {
        super(Platform.AZURE_MANAGED_INSTANCE);
    }

    @AfterEach
    void endRestores() {
        server.managedInstance().endRestores(false);
    }

    private static void add(InstanceProvisioner on, String database, @Nullable String template) {
        try (InstanceLock lock = lock(on, database)) {
            on.addInstance(lock, new AddInstance(database, template, mark("job-" + database)), () -> {});
        }
    }

    private static void assertCode(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProvisioningException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    /** The server goes on with the RESTORE. */
    private void loseTheConnectionInTheRestore() {
        server.faults().cutMidway("RESTORE DATABASE");
        assertCode(ErrorCode.SERVER_UNAVAILABLE, "", this::call);
        lock(provisioner, "ods_a").close();
    }

    private void assertCopied() {
        assertThat(fixture.rows("ods_a")).isEqualTo(ROWS);
        assertThat(provisioner.instanceStatus("ods_a").mark()).isEqualTo(mark("job-1"));
        assertThat(fixture.databases()).containsExactly("ods_a", "source");
        assertThat(provisioner.leftovers()).isEmpty();
    }

    private long statements(String start) {
        return server.statements().stream().filter(sql -> sql.startsWith(start)).count();
    }

    @Test
    void eachCopyHasABlobOfItsOwnThatIsNamedAfterItsStagingDatabase() {
        call();
        assertCopied();
        add(provisioner, "ods_b", "source");
        assertThat(server.managedInstance().blobs())
                .hasSize(2)
                .allMatch(url -> url.startsWith("https://account.blob.core.windows.net/backups/iw/iw_staging_"));
    }

    @Test
    void aRestoreThatGoesOnWithoutItsClientIsWaitedForAndUsed() {
        loseTheConnectionInTheRestore();
        assertWaits("the server works on the copy", this::call);
        try (InstanceProvisioner second = fixture.anotherProvisioner()) {
            assertWaits("the server works on the copy", () -> call(second, "job-1", "ods_a", "source"));
        }
        server.managedInstance().endRestores(true);
        call();
        assertCopied();
        assertThat(statements("BACKUP DATABASE")).isEqualTo(1);
        assertThat(statements("RESTORE DATABASE")).isEqualTo(1);
    }

    @Test
    void aRestoreIsWaitedForAlsoWithoutTheRightToSeeOperations() {
        loseTheConnectionInTheRestore();
        server.faults().fail("dm_operation_status", 297, 16);
        assertWaits("the server restores the copy", this::call);
        server.managedInstance().endRestores(true);
        call();
        assertCopied();
    }

    @Test
    void aRestoreThatIsNotInTheListOfDatabasesIsWaitedFor() {
        server.managedInstance().hideRestores();
        loseTheConnectionInTheRestore();
        assertThat(fixture.databases()).containsExactly("source");
        assertWaits("the server works on the copy", this::call);
        server.faults().fail("dm_operation_status", 297, 16);
        assertWaits("the server already restores the copy", this::call);
        server.managedInstance().endRestores(true);
        call();
        assertCopied();
    }

    @Test
    void afterARestoreThatHasFailedWithoutItsClientTheCopyStartsAnew() {
        loseTheConnectionInTheRestore();
        server.managedInstance().endRestores(false);
        call();
        assertCopied();
        assertThat(statements("BACKUP DATABASE")).isEqualTo(2);
    }

    @Test
    void aFinishedRestoreIsNotUsedForAnotherSource() {
        fixture.makeTemplate("other", List.of("other"));
        loseTheConnectionInTheRestore();
        server.managedInstance().endRestores(true);
        call(provisioner, "job-1", "ods_a", "other");
        assertThat(fixture.rows("ods_a")).containsExactly("other");
    }

    /** Someone is in the staging database. The next attempt goes on from there. */
    @Test
    void aRenameThatMustWaitDoesNotStartTheCopyAnew() {
        server.faults().fail("MODIFY NAME", 5030, 16);
        assertCode(ErrorCode.SOURCE_BUSY, "", this::call);
        call();
        assertCopied();
        assertThat(statements("BACKUP DATABASE")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BACKUP DATABASE", "RESTORE DATABASE"})
    void aFailureLeavesNothingBehind(String statement) {
        server.faults().fail(statement, 50000, 16);
        assertCode(ErrorCode.INTERNAL_ERROR, "", this::call);
        assertThat(fixture.databases()).containsExactly("source");
        assertThat(provisioner.leftovers()).isEmpty();
        call();
        assertCopied();
    }

    @Test
    void otherJobsAndTheSweepLeaveARestoreThatIsRunning() {
        loseTheConnectionInTheRestore();
        assertWaits("another job's copy", () -> {
            try (InstanceLock lock = lock(provisioner, "ods_a")) {
                provisioner.removeLeftovers(lock, "ods_a");
            }
        });
        assertThat(provisioner.removeLeftover(provisioner.leftovers().get(0))).isFalse();
        server.managedInstance().endRestores(false);
        assertThat(provisioner.removeLeftover(provisioner.leftovers().get(0))).isTrue();
        assertThat(fixture.databases()).containsExactly("source");
        assertThat(provisioner.leftovers()).isEmpty();
    }

    /** Azure forgets operations after an hour. */
    @Test
    void otherJobsAndTheSweepLeaveACopyWhoseJobWillComeBackForIt() {
        loseTheConnectionInTheRestore();
        assertWaits("the server works on the copy", this::call);
        server.managedInstance().endRestores(true);
        assertWaits("another job's copy", () -> add(provisioner, "ods_a", "source"));
        assertThat(provisioner.leftovers()).hasSize(1).noneMatch(provisioner::removeLeftover);
        call();
        assertCopied();
    }

    @Test
    void aDatabaseThatIsRestoringForMoreThanADayIsALeftover() {
        loseTheConnectionInTheRestore();
        String staging = provisioner.leftovers().get(0).databaseName();
        server.setCreateDate(staging, Instant.now().minus(Duration.ofHours(25)));
        server.faults().fail("dm_operation_status", 297, 16);
        assertThat(provisioner.removeLeftover(provisioner.leftovers().get(0))).isTrue();
        assertThat(fixture.databases()).containsExactly("source");
    }

    @Test
    void aDeleteEndsTheSessionsOnItsDatabaseAndNoOthers() throws Exception {
        call();
        server.faults().fail("DROP DATABASE [ods_a]", 3702, 16);
        try (Connection user = server.connect("ods_a");
                Connection other = server.connect("source");
                InstanceLock lock = lock(provisioner, "ods_a")) {
            provisioner.deleteInstance(lock, "ods_a");
            assertThat(user.isValid(1)).isFalse();
            assertThat(other.isValid(1)).isTrue();
        }
        assertThat(fixture.databases()).containsExactly("source");
    }

    @Test
    void aDatabaseThatStaysInUseIsNotDropped() {
        call();
        for (int round = 1; round <= 5; round++) {
            server.faults().fail("DROP DATABASE [ods_a]", 3702, 16);
        }
        assertCode(ErrorCode.SOURCE_BUSY, "", () -> {
            try (InstanceLock lock = lock(provisioner, "ods_a")) {
                provisioner.deleteInstance(lock, "ods_a");
            }
        });
        assertCopied();
    }

    @Test
    void aTemplateThatIsABlobIsRestoredWithoutABackupAndWithoutTheSetting() {
        server.managedInstance().putBlob(TEMPLATE, "source");
        try (InstanceProvisioner without = fixture.provisionerWith(Map.of())) {
            assertThat(without.instanceStatus(TEMPLATE).state()).isEqualTo(InstanceState.ONLINE);
            assertThat(without.describe(List.of(TEMPLATE)).orElseThrow().unusableTemplates())
                    .isEmpty();
            add(without, "ods_a", TEMPLATE);
            add(without, "ods_b", TEMPLATE);
        }
        assertThat(fixture.rows("ods_b")).isEqualTo(ROWS);
        assertThat(server.managedInstance().blobs()).containsExactly(TEMPLATE);
    }

    @Test
    void whatNeedsABackupIsRefusedWithoutTheSettingAndAnEmptyDatabaseIsMade() {
        try (InstanceProvisioner without = fixture.provisionerWith(Map.of())) {
            assertCode(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "backup-url-prefix",
                    () -> call(without, "job-1", "ods_a", "source"));
            assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, "Upload it", () -> add(without, "ods_a", "C:\\minimal.bak"));
            add(without, "ods_b", null);
            assertThat(without.instanceStatus("ods_b").state()).isEqualTo(InstanceState.ONLINE);
        }
    }

    @ParameterizedTest
    @CsvSource({"reuse-template-backups, true", "copy-method, schema-only", "recovery-model, full"})
    void aSettingThatTheServerCannotFollowIsRefused(String setting, String value) {
        try (InstanceProvisioner configured = fixture.provisioner(Map.of(setting, value))) {
            assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, setting, () -> call(configured, "job-1", "ods_a", "source"));
        }
        assertThat(fixture.databases()).containsExactly("source");
        assertThat(server.managedInstance().blobs()).isEmpty();
    }

    @Test
    void aSourceThatAzureEncryptsWithItsOwnKeyIsReportedWithWhatToDo() {
        server.faults().fail("BACKUP DATABASE", 41922, 16);
        assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, "customer-managed key", this::call);
        assertThat(fixture.databases()).containsExactly("source");
    }
}
