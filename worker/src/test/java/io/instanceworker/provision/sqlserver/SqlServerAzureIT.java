package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Platform;
import io.instanceworker.provision.sqlserver.fake.State;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to Azure SQL Database: copies that the server makes by itself, and sessions bound to one database. */
class SqlServerAzureIT extends CloudCopyTest {

    private static final String COPY = "AS COPY OF [source]";

    SqlServerAzureIT() {
        super(Platform.AZURE_SQL_DATABASE);
    }

    @AfterEach
    void acceptLogins() {
        server.azure().acceptLogins();
    }

    private static void addEmpty(InstanceProvisioner on, String name) {
        try (InstanceLock lock = lock(on, name)) {
            on.addInstance(lock, new AddInstance(name, null, mark("job-1")), () -> {});
        }
    }

    private void delete(String name) {
        try (InstanceLock lock = lock(provisioner, name)) {
            provisioner.deleteInstance(lock, name);
        }
    }

    private void removeLeftovers(String database) {
        try (InstanceLock lock = lock(provisioner, database)) {
            provisioner.removeLeftovers(lock, database);
        }
    }

    private static void assertCode(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProvisioningException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void startTheCopy() {
        server.azure().hold(true);
        assertWaits("60 %", this::call);
    }

    private void finish() {
        server.azure().hold(false);
        callUntilItEnds();
        assertThat(fixture.rows("ods_a")).isEqualTo(ROWS);
        assertThat(provisioner.instanceStatus("ods_a").mark()).isEqualTo(mark("job-1"));
        assertThat(provisioner.leftovers()).isEmpty();
        assertThat(fixture.databases()).containsExactlyInAnyOrder("source", "ods_a");
    }

    private void callUntilItEnds() {
        SqlServerContract.untilItEnds(() -> {
            call();
            return true;
        });
    }

    private List<String> submissions() {
        return server.statements().stream().filter(sql -> sql.contains(COPY)).toList();
    }

    @Test
    void aCopyIsSubmittedOnceHoweverOftenTheJobIsCalled() {
        startTheCopy();
        assertThat(provisioner.instanceStatus("ods_a").state()).isEqualTo(InstanceState.COPYING);
        assertThat(provisioner.instanceStatus("ods_a").exists()).isFalse();
        assertWaits("60 %", this::call);
        finish();
        assertThat(submissions()).hasSize(1);
    }

    @Test
    void anotherWorkerGoesOnWithTheCopyOfACrashedOne() {
        startTheCopy();
        try (InstanceProvisioner second = fixture.anotherProvisioner()) {
            assertWaits("60 %", () -> call(second, "job-1", "ods_a", "source"));
        }
        finish();
        assertThat(submissions()).hasSize(1);
    }

    /** The server may also answer the statement when the copy is complete, or not before the worker cancels it. */
    @Test
    void aCopyThatRunsAlthoughItsStatementFailedIsNotSubmittedAgain() {
        server.azure().hold(true);
        server.faults().failAfter(COPY, 3617, 16);
        assertWaits("60 %", this::call);
        finish();
        assertThat(submissions()).hasSize(1);
    }

    @Test
    void aCopyIsNotSubmittedAgainIfTheAnswerToItsSubmissionIsLost() {
        server.azure().hold(true);
        server.faults().cutAfter(COPY);
        assertCode(ErrorCode.SERVER_UNAVAILABLE, this::call);
        assertWaits("60 %", this::call);
        finish();
        assertThat(submissions()).hasSize(1);
    }

    @Test
    void aFailedCopyIsDroppedAndReportedAndTheNextAttemptSucceeds() {
        server.azure().failNext(40564);
        assertThatThrownBy(this::callUntilItEnds).isInstanceOfSatisfying(ProvisioningException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
            assertThat(e)
                    .hasMessageContaining("60 %")
                    .hasMessageContaining("SUSPECT")
                    .hasMessageContaining("error 40564");
        });
        assertThat(fixture.databases()).containsExactly("source");
        assertThat(provisioner.leftovers()).isEmpty();
        finish();
        assertThat(submissions()).hasSize(2);
    }

    @Test
    void aCopyWhoseProgressTheLoginMayNotSeeIsMade() {
        server.azure().hideCopies();
        assertWaits("under way", this::call);
        callUntilItEnds();
        assertThat(fixture.rows("ods_a")).isEqualTo(ROWS);
    }

    @Test
    void aSecondCopyOfTheSameSourceWaitsForTheFirst() {
        startTheCopy();
        assertWaits("another copy of the source", () -> call(provisioner, "job-2", "ods_b", "source"));
        assertThat(provisioner.leftovers()).hasSize(1);
        finish();
        SqlServerContract.untilItEnds(() -> {
            call(provisioner, "job-2", "ods_b", "source");
            return true;
        });
        assertThat(fixture.rows("ods_b")).isEqualTo(ROWS);
    }

    @Test
    void aDeleteWaitsForACopyOfTheSameNameAndForOneOfItsDatabase() {
        startTheCopy();
        age("7200");
        assertWaits("another job's copy: the copy is at 60 %", () -> removeLeftovers("ods_a"));
        assertWaits("another job copies it", () -> removeLeftovers("SOURCE"));
        assertThat(fixture.databases()).hasSize(2);
        finish();
        removeLeftovers("ods_a");
        removeLeftovers("source");
        delete("ods_a");
        assertThat(fixture.databases()).containsExactly("source");
    }

    @Test
    void aCopyOfAnotherSourceOrOfAnUnknownOneIsDroppedAndStartedAnew() {
        fixture.makeTemplate("other", List.of("other"));
        startTheCopy();
        fixture.changeJournal("DELETE FROM dbo.backup_file");
        assertWaits("60 %", () -> call(provisioner, "job-1", "ods_a", "other"));
        assertWaits("60 %", this::call);
        server.azure().hold(false);
        callUntilItEnds();
        assertThat(fixture.rows("ods_a")).isEqualTo(ROWS);
        assertThat(submissions()).hasSize(2);
    }

    @Test
    void theSweepLeavesARunningCopyAndRemovesWhatNoJobCallsForAnyMore() {
        startTheCopy();
        age("7200");
        Leftover leftover = provisioner.leftovers().get(0);
        assertThat(provisioner.removeLeftover(leftover)).isFalse();
        server.azure().hold(false);
        assertThat(provisioner.removeLeftover(leftover)).as("ended just now").isTrue();
        assertThat(fixture.databases()).containsExactly("source");
        assertThat(provisioner.leftovers()).isEmpty();
    }

    /** The drop runs on another session than the one that holds the lock. */
    @Test
    void withoutItsLockAJobDropsNothing() {
        addEmpty(provisioner, "ods_b");
        try (InstanceLock lock = lock(provisioner, "ods_b")) {
            server.cutConnectionsIn(fixture.journalDatabase());
            assertCode(ErrorCode.SERVER_UNAVAILABLE, () -> provisioner.deleteInstance(lock, "ods_b"));
        }
        assertThat(fixture.databases()).contains("ods_b");
    }

    @Test
    void aLockThatIsLostBeforeTheRenameKeepsTheNameFree() {
        try (InstanceLock lock = lock(provisioner, "ods_b")) {
            AddInstance empty = new AddInstance("ods_b", null, mark("job-1"));
            Runnable loses = () -> server.cutConnectionsIn(fixture.journalDatabase());
            assertCode(ErrorCode.SERVER_UNAVAILABLE, () -> provisioner.addInstance(lock, empty, loses));
        }
        assertThat(fixture.databases()).doesNotContain("ods_b");
    }

    /** A session alone is not enough: it may be another than the one that took the lock. */
    @Test
    void aSessionThatNoLongerHoldsItsLockDropsNothing() {
        addEmpty(provisioner, "ods_b");
        try (InstanceLock lock = lock(provisioner, "ods_b")) {
            server.releaseLocksIn(fixture.journalDatabase());
            assertCode(ErrorCode.SERVER_UNAVAILABLE, () -> provisioner.deleteInstance(lock, "ods_b"));
        }
        assertThat(fixture.databases()).contains("ods_b");
    }

    @ParameterizedTest
    @ValueSource(ints = {916, 18456})
    void aDatabaseThatTheLoginMayNotEnterHasAnUnknownMark(int error) {
        addEmpty(provisioner, "ods_b");
        server.azure().refuseLogins("ods_b", error);
        InstanceStatus status = provisioner.instanceStatus("ods_b");
        assertThat(status.state()).isEqualTo(InstanceState.ONLINE);
        assertThat(status.markUnreadable()).isTrue();
        assertThat(provisioner.instanceInfo("ods_b").markUnreadable()).isTrue();
        assertThat(provisioner.instances())
                .extracting(InstanceStatus::databaseName, InstanceStatus::markUnreadable)
                .contains(tuple("ods_b", true));
    }

    /** Also 4060, with which a server refuses logins while it moves a database: otherwise a job could end for good. */
    @ParameterizedTest
    @ValueSource(ints = {4060, 40613, 40197, 49918})
    void aDatabaseThatIsNotAvailableNowIsOfAnUnknownState(int error) {
        addEmpty(provisioner, "ods_b");
        server.azure().refuseLogins("ods_b", error);
        assertThat(provisioner.instances())
                .extracting(InstanceStatus::databaseName, InstanceStatus::state)
                .contains(tuple("ods_b", InstanceState.UNKNOWN));
        assertThat(provisioner.instanceStatus("ods_b").state()).isEqualTo(InstanceState.UNKNOWN);
        assertThat(provisioner.instanceStatus("ods_b").markUnreadable()).isTrue();
    }

    /** Then it says nothing about the one database. */
    @Test
    void aLoginThatIsRefusedEverywhereIsAFailure() {
        addEmpty(provisioner, "ods_b");
        provisioner.instanceStatus("ods_b");
        server.azure().refuseLogins("ods_b", 18456);
        server.azure().refuseLogins("master", 18456);
        assertCode(ErrorCode.AUTHENTICATION_FAILED, () -> provisioner.instanceStatus("ods_b"));
    }

    @Test
    void aDatabaseThatSomebodyElseCopiesExists() {
        server.createDatabase("ods_b");
        server.setState("ods_b", State.COPYING);
        InstanceStatus status = provisioner.instanceStatus("ods_b");
        assertThat(status.state()).isEqualTo(InstanceState.COPYING);
        assertThat(status.exists()).isTrue();
        assertThat(status.markUnreadable()).isTrue();
        assertThat(provisioner.instanceInfo("ods_b").info()).isNotNull();
    }

    @Test
    void newDatabasesAreOfTheServiceObjectiveOrInTheElasticPoolOfTheSettings() {
        try (InstanceProvisioner sized = fixture.provisioner(Map.of("service-objective", "GP_S_Gen5_1"))) {
            assertWaits("copy", () -> call(sized, "job-1", "ods_a", "source"));
            addEmpty(sized, "ods_b");
        }
        assertThat(server.statements())
                .anyMatch(sql -> sql.endsWith(COPY + " (SERVICE_OBJECTIVE = 'GP_S_Gen5_1')"))
                .anyMatch(sql -> sql.endsWith("] (SERVICE_OBJECTIVE = 'GP_S_Gen5_1')") && !sql.contains(COPY));
        callUntilItEnds();
        try (InstanceProvisioner pooled = fixture.provisioner(Map.of("elastic-pool", "pool 1"))) {
            assertWaits("copy", () -> call(pooled, "job-2", "ods_c", "source"));
        }
        assertThat(server.statements())
                .anyMatch(sql -> sql.endsWith(COPY + " (SERVICE_OBJECTIVE = ELASTIC_POOL(name = [pool 1]))"));
    }

    @Test
    void settingsThatAzureDoesNotHaveAreRefusedByName() {
        try (InstanceProvisioner wrong = fixture.provisioner(Map.of("owner", "a", "recovery-model", "simple"))) {
            assertThatThrownBy(() -> addEmpty(wrong, "ods_b"))
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_BY_SERVER))
                    .hasMessageContaining("properties.owner, properties.recovery-model");
        }
        assertThat(fixture.databases()).containsExactly("source");
    }

    @Test
    void otherServersRefuseAServiceObjective() {
        try (SqlServerFixture onMachine = new SqlServerFixture(TestServer.fake(new FakeSqlServer()));
                InstanceProvisioner wrong = onMachine.provisioner(Map.of("service-objective", "S2"))) {
            assertThatThrownBy(() -> addEmpty(wrong, "ods_b"))
                    .isInstanceOfSatisfying(
                            ProvisioningException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_BY_SERVER))
                    .hasMessageContaining("properties.service-objective");
            assertThat(onMachine.databases()).isEmpty();
            onMachine.provisioner().close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/backups/minimal.bak", "arn:aws:s3:::templates/minimal.bak"})
    void aTemplateThatIsABackupIsRefused(String backup) {
        assertThat(provisioner.instanceStatus(backup).exists()).isTrue();
        try (InstanceLock lock = lock(provisioner, "ods_b")) {
            AddInstance fromBackup = new AddInstance("ods_b", backup, mark("job-1"));
            assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, () -> provisioner.addInstance(lock, fromBackup, () -> {}));
        }
        assertThat(fixture.databases()).containsExactly("source");
    }

    /** In another database nothing else is seen, so that every database would seem to be absent. */
    @Test
    void aMaintenanceDatabaseOtherThanMasterIsRefused() {
        ServerDefinition elsewhere = new ServerDefinition(
                "azure",
                "sqlserver",
                server.jdbcUrl("source"),
                server.login(),
                new ServerDefinition.Secret(server.password()),
                fixture.journalDatabase(),
                new ServerDefinition.Concurrency(1, 1),
                Map.of());
        try (InstanceProvisioner wrong = new SqlServerProvisionerFactory().create(elsewhere)) {
            assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, () -> wrong.instanceStatus("ods_a"));
            assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, () -> lock(wrong, "ods_a"));
        }
    }
}
