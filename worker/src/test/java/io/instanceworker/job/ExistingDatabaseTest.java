package io.instanceworker.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.AdoptJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.InfoJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobHeader;
import io.instanceworker.contracts.job.RestoreJob;
import io.instanceworker.contracts.job.StatusPageJob;
import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.StatusPage;
import io.instanceworker.provision.fake.InMemoryProvisioner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of Adopt, Restore and a Delete to the trash, on the fake engine, which has no journal. */
class ExistingDatabaseTest {

    private final HandlerFixture bench = new HandlerFixture();
    private final InMemoryProvisioner server = bench.engine.memory();

    @BeforeEach
    void clock() {
        server.clock(() -> bench.now);
    }

    private static JobHeader header(String jobId) {
        return new JobHeader(jobId, null, null, null, null, null);
    }

    private static InstanceRef instance(String id, String databaseName) {
        return new InstanceRef(id, "tenant1", null, databaseName);
    }

    private static AdoptJob adopt(String id, String databaseName) {
        return new AdoptJob(header("adopt-" + id), instance(id, databaseName), null);
    }

    private static AddJob add(String id, String databaseName) {
        return new AddJob(header("add-" + id), instance(id, databaseName), "Minimal");
    }

    private static DeleteJob delete(String id, String databaseName) {
        return new DeleteJob(header("delete-" + id), instance(id, databaseName), null, true);
    }

    private static RestoreJob restore(String id, String databaseName) {
        return new RestoreJob(header("restore-" + id), instance(id, databaseName), null);
    }

    private JobResult.Succeeded succeeds(Job job) {
        Disposition.Ended ended = (Disposition.Ended) bench.handle(job);
        assertThat(ended.event().data()).isInstanceOf(JobResult.Succeeded.class);
        return (JobResult.Succeeded) ended.event().data();
    }

    private void fails(ErrorCode code, Job job) {
        Disposition.Ended ended = (Disposition.Ended) bench.handle(job);
        assertThat(ended.event().data().error().code()).isEqualTo(code);
    }

    private InMemoryProvisioner.Database byHand(String name) {
        InMemoryProvisioner.Database database = new InMemoryProvisioner.Database();
        server.databases().put(name, database);
        return database;
    }

    private List<StatusPage.Entry> trash(StatusPageJob.Filter filter) {
        return succeeds(new StatusPageJob(header("trash"), false, 1, 10, filter, true, true))
                .page()
                .instances();
    }

    @Test
    void anAdoptedDatabaseIsTheInstances() {
        InMemoryProvisioner.Database database = byHand("ods_1");
        bench.allowAdopt();

        JobResult.Succeeded done = succeeds(adopt("1", "ods_1"));

        assertThat(done.changed()).isTrue();
        assertThat(InstanceStatusEvent.of(done, Instant.EPOCH).id()).isEqualTo("adopt-1/1/Created");
        assertThat(done.connectionString()).isEqualTo("Host=memory.example;Port=1;Database=ods_1");
        assertThat(database.mark)
                .isEqualTo(new OwnershipMark("1", "tenant1", "adopt-1", Operation.ADOPT, null, null, bench.now));
        assertThat(succeeds(new InfoJob(header("i"), instance("1", "ods_1"), null))
                        .info()
                        .origin()
                        .createdByOperation())
                .isEqualTo(Operation.ADOPT);
        assertThat(succeeds(delete("1", "ods_1")).changed()).isTrue();
    }

    @Test
    void aRedeliveredAdoptHasTheSameResultAndAnotherOneChangesNothing() {
        byHand("ods_1");
        bench.allowAdopt();
        JobResult.Succeeded first = succeeds(adopt("1", "ods_1"));
        assertThat(succeeds(adopt("1", "ods_1"))).isEqualTo(first);
        assertThat(succeeds(new AdoptJob(header("another"), instance("1", "ods_1"), null))
                        .changed())
                .isFalse();
        assertThat(server.databases().get("ods_1").mark.jobId()).isEqualTo("adopt-1");
    }

    @Test
    void aDatabaseOfAnotherInstanceOrWithAnUnreadableMarkIsNotAdopted() {
        succeeds(add("2", "ods_1"));
        byHand("ods_later").markUnreadable = true;
        bench.allowAdopt();
        fails(ErrorCode.INSTANCE_CONFLICT, adopt("1", "ods_1"));
        fails(
                ErrorCode.INSTANCE_CONFLICT,
                new AdoptJob(header("a"), new InstanceRef("2", "other", null, "ods_1"), null));
        fails(ErrorCode.INSTANCE_CONFLICT, adopt("1", "ods_later"));
        assertThat(server.databases().get("ods_1").mark.isOf("2", "tenant1")).isTrue();
        assertThat(server.databases().get("ods_later").mark).isNull();
    }

    @Test
    void withoutTheSettingNothingIsAdopted() {
        byHand("ods_1");
        fails(ErrorCode.NOT_MANAGED, adopt("1", "ods_1"));
        assertThat(server.databases().get("ods_1").mark).isNull();
        succeeds(add("2", "ods_2"));
        assertThat(succeeds(adopt("2", "ods_2")).changed()).as("it is its own").isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "EdFi_Admin", "minimal_template", "iw_staging_x", "iw_trash_x"})
    void protectedDatabasesAreNotAdopted(String name) {
        byHand(name);
        bench.allowAdopt();
        fails(ErrorCode.PROTECTED_DATABASE, adopt("1", name));
        assertThat(server.databases().get(name).mark).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = InstanceState.class,
            names = {"OFFLINE", "SUSPECT", "RESTORING", "INVALID", "EMERGENCY"})
    void onlyADatabaseThatIsOnlineIsAdopted(InstanceState state) {
        byHand("ods_1").state = state;
        bench.allowAdopt();
        fails(ErrorCode.SOURCE_INVALID, adopt("1", "ods_1"));
        fails(ErrorCode.INSTANCE_NOT_FOUND, adopt("1", "ods_2"));
        assertThat(server.databases().get("ods_1").mark).isNull();
    }

    @Test
    void aDeleteToTheTrashWarnsWithTheNameAndARestoreBringsTheDatabaseBack() {
        succeeds(add("1", "ods_1"));
        InMemoryProvisioner.Database database = server.databases().get("ods_1");
        bench.useTrash();

        JobResult.Succeeded deleted = succeeds(delete("1", "ods_1"));

        assertThat(InstanceStatusEvent.of(deleted, Instant.EPOCH).id()).isEqualTo("delete-1/1/Deleted");
        assertThat(deleted.changed()).isTrue();
        assertThat(deleted.state().name()).isEqualTo(InstanceState.NOT_FOUND);
        String trashName = trash(StatusPageJob.Filter.NONE).get(0).trash().databaseName();
        assertThat(deleted.warnings()).singleElement().asString().contains('"' + trashName + '"');
        assertThat(server.databases()).containsOnlyKeys("minimal_template", trashName);

        JobResult.Succeeded restored = succeeds(restore("1", "ods_1"));

        assertThat(restored.changed()).isTrue();
        assertThat(InstanceStatusEvent.of(restored, Instant.EPOCH).id()).isEqualTo("restore-1/1/Created");
        assertThat(restored.connectionString()).isNotNull();
        assertThat(server.databases().get("ods_1")).isSameAs(database);
        assertThat(database.mark.jobId()).isEqualTo("add-1");
        assertThat(succeeds(restore("1", "ods_1")).changed()).isFalse();
    }

    @Test
    void onlyTheInstancesOwnDatabaseGoesToTheTrash() {
        succeeds(add("2", "ods_1"));
        byHand("ods_later").markUnreadable = true;
        bench.useTrash();
        fails(ErrorCode.INSTANCE_CONFLICT, delete("1", "ods_1"));
        fails(ErrorCode.INSTANCE_CONFLICT, delete("1", "ods_later"));
        fails(ErrorCode.NOT_MANAGED, new DeleteJob(header("d"), instance("1", byHandNamed("ods_nobody")), null, false));
        assertThat(server.databases()).containsOnlyKeys("minimal_template", "ods_1", "ods_later", "ods_nobody");
    }

    private String byHandNamed(String name) {
        byHand(name);
        return name;
    }

    @Test
    void anUnmanagedDatabaseComesBackWithoutAMark() {
        byHand("ods_nobody");
        bench.useTrash();
        succeeds(delete("1", "ods_nobody"));
        fails(ErrorCode.INSTANCE_NOT_FOUND, restore("2", "ods_nobody"));
        assertThat(succeeds(restore("1", "ods_nobody")).changed()).isTrue();
        assertThat(server.databases().get("ods_nobody").mark).isNull();
    }

    @Test
    void aRestoreTakesTheInstancesDatabaseThatWasDeletedLast() {
        bench.useTrash();
        for (String row : List.of("first", "second")) {
            succeeds(add("1", "ods_1"));
            server.databases().get("ods_1").rows.add(row);
            succeeds(delete("1", "ods_1"));
            bench.now = bench.now.plusSeconds(60);
        }
        succeeds(add("2", "ods_1"));
        succeeds(delete("2", "ods_1"));

        fails(ErrorCode.INSTANCE_NOT_FOUND, restore("3", "ods_1"));
        fails(ErrorCode.INSTANCE_NOT_FOUND, restore("1", "ods_2"));
        fails(
                ErrorCode.INSTANCE_NOT_FOUND,
                new RestoreJob(header("r"), new InstanceRef("1", null, null, "ods_1"), null));
        succeeds(restore("1", "ods_1"));

        assertThat(server.databases().get("ods_1").rows).containsExactly("second");
        fails(ErrorCode.INSTANCE_CONFLICT, restore("1", "ods_1"));
        fails(ErrorCode.INSTANCE_CONFLICT, restore("2", "ods_1"));
        assertThat(server.databases().get("ods_1").rows).containsExactly("second");
    }

    @Test
    void anInvalidDatabaseIsNoRestoredOne() {
        succeeds(add("1", "ods_1"));
        server.databases().get("ods_1").state = InstanceState.INVALID;
        fails(ErrorCode.SOURCE_INVALID, restore("1", "ods_1"));
    }

    @Test
    void theTrashIsListedPageByPage() {
        bench.useTrash();
        for (String id : List.of("2", "1")) {
            succeeds(add(id, "ods_" + id));
            succeeds(delete(id, "ods_" + id));
        }
        List<StatusPage.Entry> entries = trash(StatusPageJob.Filter.NONE);
        assertThat(entries)
                .extracting(StatusPage.Entry::instance)
                .containsExactly(instance("1", "ods_1"), instance("2", "ods_2"));
        assertThat(entries.get(0).sizeBytes()).isPositive();
        assertThat(entries.get(0).trash())
                .returns(bench.now, StatusPage.Trash::deletedAt)
                .returns("delete-1", StatusPage.Trash::deletedByJob)
                .returns(bench.now.plus(Duration.ofDays(7)), StatusPage.Trash::keptUntil);
        assertThat(trash(new StatusPageJob.Filter("tenant1", InstanceState.OFFLINE, "ods_2")))
                .hasSize(1);
        assertThat(trash(new StatusPageJob.Filter("another", null, null))).isEmpty();
        StatusPage second = succeeds(
                        new StatusPageJob(header("t"), false, 2, 1, StatusPageJob.Filter.NONE, false, true))
                .page();
        assertThat(second.total()).isEqualTo(2);
        assertThat(second.instances()).singleElement().returns(null, StatusPage.Entry::sizeBytes);
        assertThat(succeeds(new StatusPageJob(header("s"), true, 1, 10, StatusPageJob.Filter.NONE, true))
                        .page()
                        .instances())
                .extracting(entry -> entry.instance().databaseName())
                .containsExactly("minimal_template");
    }

    @Test
    void noJobAddressesADatabaseInTheTrash() {
        succeeds(add("1", "ods_1"));
        bench.useTrash();
        succeeds(delete("1", "ods_1"));
        String name = trash(StatusPageJob.Filter.NONE).get(0).trash().databaseName();

        fails(ErrorCode.PROTECTED_DATABASE, delete("1", name));
        fails(ErrorCode.PROTECTED_DATABASE, add("1", name));
        fails(ErrorCode.PROTECTED_DATABASE, restore("1", name));
        fails(
                ErrorCode.PROTECTED_DATABASE,
                new CopyJob(header("c"), instance("1", "ods_2"), null, name, WhenSourceBusy.WAIT));
        assertThat(server.databases()).containsOnlyKeys("minimal_template", name);
    }

    @Test
    void anInvalidDatabaseIsDroppedAlsoWhereThereIsATrash() {
        succeeds(add("1", "ods_1"));
        server.databases().get("ods_1").state = InstanceState.INVALID;
        bench.useTrash();
        assertThat(succeeds(delete("1", "ods_1")).warnings()).isEmpty();
        assertThat(server.databases()).containsOnlyKeys("minimal_template");
    }

    @Test
    void aFailedRestoreIsTriedAgainAndTakesTheSameDatabase() {
        succeeds(add("1", "ods_1"));
        bench.useTrash();
        succeeds(delete("1", "ods_1"));
        bench.engine.failMaking(new ProvisioningException(ErrorCode.TIMEOUT, "slow"));
        assertThat(bench.handle(restore("1", "ods_1"))).isInstanceOf(Disposition.TryAgain.class);
        bench.engine.failMaking(null);
        succeeds(restore("1", "ods_1"));
        assertThat(server.databases().keySet()).isEqualTo(Set.of("minimal_template", "ods_1"));
    }
}
