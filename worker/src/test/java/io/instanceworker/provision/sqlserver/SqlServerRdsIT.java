package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.provision.sqlserver.fake.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Amazon RDS does by itself while jobs come and go. */
class SqlServerRdsIT extends CloudCopyTest {

    SqlServerRdsIT() {
        super(Platform.AMAZON_RDS);
    }

    /** Calls until the restore is in progress, where it stays. */
    private void startTheRestore() {
        assertWaits("backup was submitted", this::call);
        assertWaits("backup", this::call);
        assertWaits("restore was submitted", this::call);
        server.rds().hold(true);
        assertWaits("60 %", this::call);
    }

    private void finish() {
        server.rds().hold(false);
        call();
        assertThat(fixture.rows("ods_a")).isEqualTo(ROWS);
        assertThat(provisioner.instanceStatus("ods_a").mark()).isEqualTo(mark("job-1"));
        assertThat(provisioner.leftovers()).isEmpty();
    }

    @Test
    void eachTaskIsSubmittedOnceHoweverOftenTheJobIsCalled() {
        startTheRestore();
        assertWaits("60 %", this::call);
        assertWaits("60 %", this::call);
        finish();
        assertThat(server.rds().tasks()).containsExactly("BACKUP_DB SUCCESS", "RESTORE_DB SUCCESS");
        assertThat(server.rds().objects()).singleElement().asString().startsWith("arn:aws:s3:::bucket/iw/iw_staging_");
    }

    @Test
    void aJobThatWaitsKnowsHowMuchOfTheCopyIsDone() {
        assertThat(percent(this::call)).as("the backup was submitted").isNull();
        assertThat(percent(this::call)).as("the backup is at 60 %").isEqualTo(30);
        assertThat(percent(this::call)).as("the restore was submitted").isEqualTo(50);
        assertThat(percent(this::call)).as("the restore is at 60 %").isEqualTo(80);

        server.rds().putObject("arn:aws:s3:::templates/minimal.bak", "source");
        AddInstance fromS3 = new AddInstance("ods_b", "arn:aws:s3:::templates/minimal.bak", mark("job-2"));
        try (InstanceLock lock = lock(provisioner, "ods_b")) {
            ThrowingCallable add = () -> provisioner.addInstance(lock, fromS3, () -> {});
            assertThat(percent(add)).isZero();
            assertThat(percent(add)).as("only a restore, at 60 %").isEqualTo(60);
            provisioner.addInstance(lock, fromS3, () -> {});
        }
        finish();
    }

    private static @Nullable Integer percent(ThrowingCallable call) {
        return catchThrowableOfType(StillRunningException.class, call).percent();
    }

    @Test
    void anotherWorkerGoesOnWithTheTaskOfACrashedOne() {
        server.rds().hold(true);
        assertWaits("backup was submitted", this::call);
        try (InstanceProvisioner second = fixture.anotherProvisioner()) {
            assertWaits("the backup (RDS task 1)", () -> call(second, "job-1", "ods_a", "source"));
            server.rds().hold(false);
            assertWaits("restore was submitted", () -> call(second, "job-1", "ods_a", "source"));
            server.rds().hold(true);
        }
        assertWaits("the restore (RDS task 2)", this::call);
        finish();
        assertThat(server.rds().tasks()).hasSize(2);
    }

    @Test
    void aTaskIsNotSubmittedAgainIfTheAnswerToItsSubmissionIsLost() {
        server.faults().cutAfter("rds_backup_database");
        assertCode(ErrorCode.SERVER_UNAVAILABLE, this::call);
        server.rds().hold(true);
        assertWaits("the backup (RDS task 1)", this::call);
        server.rds().hold(false);
        assertWaits("restore was submitted", this::call);
        assertWaits("60 %", this::call);
        finish();
        assertThat(server.rds().tasks()).hasSize(2);
    }

    @Test
    void aRunningTaskIsFoundAlsoIfTheRowOfTheCopyWasLost() {
        startTheRestore();
        fixture.changeJournal("DELETE FROM dbo.backup_file");
        assertWaits("60 %", this::call);
        finish();
        assertThat(server.rds().tasks()).hasSize(2);
    }

    @Test
    void aFailedTaskIsReportedOnceAndTheNextAttemptSucceeds() {
        for (String type : List.of("BACKUP_DB", "RESTORE_DB")) {
            server.rds().failNext(type, "S3 is full of " + type);
            assertThatThrownBy(this::callUntilItEnds).isInstanceOfSatisfying(ProvisioningException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
                assertThat(e).hasMessageContaining("S3 is full of " + type).hasMessageContaining("60 %");
            });
            assertThat(fixture.databases()).containsExactly("source");
            assertThat(provisioner.leftovers()).isEmpty();
        }
        callUntilItEnds();
        assertThat(fixture.rows("ods_a")).isEqualTo(ROWS);
        assertThat(server.rds().tasks())
                .containsExactly(
                        "BACKUP_DB ERROR",
                        "BACKUP_DB SUCCESS",
                        "RESTORE_DB ERROR",
                        "BACKUP_DB SUCCESS",
                        "RESTORE_DB SUCCESS");
    }

    private void callUntilItEnds() {
        SqlServerContract.untilItEnds(() -> {
            call();
            return true;
        });
    }

    @Test
    void aDeleteWaitsForARestoreOfTheSameName() {
        startTheRestore();
        assertWaits("another job's copy: the restore", this::removeLeftovers);
        assertThat(fixture.databases()).hasSize(2);
        finish();
        removeLeftovers();
        try (InstanceLock lock = lock(provisioner, "ods_a")) {
            provisioner.deleteInstance(lock, "ods_a");
        }
        assertThat(fixture.databases()).containsExactly("source");
    }

    private void removeLeftovers() {
        removeLeftovers("ods_a");
    }

    private void removeLeftovers(String database) {
        try (InstanceLock lock = lock(provisioner, database)) {
            provisioner.removeLeftovers(lock, database);
        }
    }

    /** The job needs its source until its end, and has no lock on it between two calls. */
    @Test
    void aDeleteOfTheSourceWaitsUntilTheCopyHasEnded() {
        startTheRestore();
        assertWaits("another job copies it", () -> removeLeftovers("SOURCE"));
        finish();
        removeLeftovers("source");
    }

    /** The job has made its database, so it never calls again. */
    @Test
    void aCopyWhoseWorkerCrashedAfterTheRenameKeepsNoDeleteOfTheSourceWaiting() {
        startTheRestore();
        server.faults().cutAfter("rds_modify_db_name");
        server.rds().hold(false);
        assertCode(ErrorCode.SERVER_UNAVAILABLE, this::call);
        assertThat(server.hasDatabase("ods_a")).isTrue();

        removeLeftovers("source");

        assertThat(provisioner.removeLeftover(provisioner.leftovers().get(0)))
                .as("the row of the copy is left to the sweep")
                .isTrue();
        assertThat(provisioner.leftovers()).isEmpty();
        assertThat(fixture.rows("ods_a")).isEqualTo(ROWS);
    }

    @Test
    void aRenameThatMustWaitDoesNotStartTheCopyAnew() {
        startTheRestore();
        server.faults().fail("rds_modify_db_name", 5030, 16);
        server.rds().hold(false);
        assertCode(ErrorCode.SOURCE_BUSY, this::call);
        finish();
        assertThat(server.rds().tasks()).hasSize(2);
    }

    @Test
    void aJobOfTheSameIdWithAnotherSourceStartsAnew() {
        fixture.makeTemplate("other_source", List.of("other"));
        startTheRestore();
        assertWaits("another source", this::copyOther);
        server.rds().hold(false);
        SqlServerContract.untilItEnds(() -> {
            copyOther();
            return true;
        });
        assertThat(fixture.rows("ods_a")).containsExactly("other");
    }

    private void copyOther() {
        try (InstanceLock lock = lock(provisioner, "ods_a")) {
            provisioner.copyInstance(lock, new CopyInstance("ods_a", "other_source", false, mark("job-1")), () -> {});
        }
    }

    @Test
    void theCopyOfAReadOnlySourceTakesChanges() {
        server.setReadOnly("source");
        callUntilItEnds();
        assertThat(provisioner.instanceStatus("ods_a").mark()).isEqualTo(mark("job-1"));
    }

    @Test
    void aSecondCopyOfTheSameNameWaitsUntilTheFirstHasStoppedCalling() {
        startTheRestore();
        server.rds().hold(false);
        assertWaits("another job's copy", () -> call(provisioner, "job-2", "ods_a", "source"));
        assertWaits("another job's copy", () -> call(provisioner, "job-2", "ods_a", "source"));
        assertThat(server.rds().tasks()).hasSize(2);
        age("4000");
        assertWaits("backup was submitted", () -> call(provisioner, "job-2", "ods_a", "source"));
        assertThat(fixture.databases()).containsExactly("source");
    }

    @Test
    void theSweepLeavesARunningRestoreAndRemovesWhatNoJobCallsForAnyMore() {
        startTheRestore();
        age("7200");
        Leftover leftover = provisioner.leftovers().get(0);
        assertThat(leftover.age()).isGreaterThan(Duration.ofHours(1));
        assertThat(provisioner.removeLeftover(leftover)).isFalse();
        assertThat(fixture.databases()).contains(leftover.databaseName());

        server.rds().hold(false);
        assertThat(provisioner.removeLeftover(leftover)).as("ended just now").isTrue();
        assertThat(fixture.databases()).containsExactly("source");
        assertThat(provisioner.leftovers()).isEmpty();
    }

    @Test
    void withoutASettingForS3NothingIsSubmittedAndAnEmptyDatabaseIsMade() {
        try (InstanceProvisioner without = fixture.provisionerWith(Map.of())) {
            assertThatThrownBy(() -> call(without, "job-1", "ods_a", "source"))
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_BY_SERVER))
                    .hasMessageContaining("s3-prefix");
            assertThat(server.rds().tasks()).isEmpty();
            try (InstanceLock lock = lock(without, "ods_b")) {
                without.addInstance(lock, new AddInstance("ods_b", null, mark("job-2")), () -> {});
            }
            assertThat(without.instanceStatus("ods_b").state()).isEqualTo(InstanceState.ONLINE);
        }
    }

    @Test
    void aTemplateInS3IsRestoredWithoutABackupAndWithoutTheSetting() {
        String template = "arn:aws:s3:::templates/minimal.bak";
        server.rds().putObject(template, "source");
        try (InstanceProvisioner without = fixture.provisionerWith(Map.of())) {
            assertThat(without.instanceStatus(template).state()).isEqualTo(InstanceState.ONLINE);
            assertThat(without.describe(List.of(template)).orElseThrow().unusableTemplates())
                    .isEmpty();
            SqlServerContract.untilItEnds(() -> {
                try (InstanceLock lock = lock(without, "ods_a")) {
                    without.addInstance(lock, new AddInstance("ods_a", template, mark("job-1")), () -> {});
                    return true;
                }
            });
        }
        assertThat(fixture.rows("ods_a")).isEqualTo(ROWS);
        assertThat(server.rds().tasks()).containsExactly("RESTORE_DB SUCCESS");
    }

    @Test
    void whatRdsCannotDoIsRefusedBeforeAnythingIsChanged() {
        server.rds().multiAz(true);
        assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, this::call);
        server.rds().multiAz(false);
        try (InstanceLock lock = lock(provisioner, "ods_a")) {
            AddInstance fromFile = new AddInstance("ods_a", "D:\\backups\\minimal.bak", mark("job-1"));
            assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, () -> provisioner.addInstance(lock, fromFile, () -> {}));
        }
        assertThat(server.rds().tasks()).isEmpty();
        assertThat(fixture.databases()).containsExactly("source");
    }

    @ParameterizedTest
    @CsvSource({"reuse-template-backups, true", "copy-method, schema-only"})
    void aSettingForServersOnAMachineIsRefused(String setting, String value) {
        try (InstanceProvisioner configured = fixture.provisioner(Map.of(setting, value))) {
            assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, () -> call(configured, "job-1", "ods_a", "source"));
        }
        assertThat(server.rds().tasks()).isEmpty();
    }

    private static void assertCode(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProvisioningException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
