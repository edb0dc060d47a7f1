package io.instanceworker.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.InfoJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobHeader;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.job.StatusJob;
import io.instanceworker.contracts.job.StatusPageJob;
import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.contracts.result.StatusPage;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.provision.fake.InMemoryProvisioner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a job, on the fake engine, which has no journal. */
class JobHandlerTest {

    private final HandlerFixture bench = new HandlerFixture();
    private final InMemoryProvisioner server = bench.engine.memory();

    private static JobHeader header(String jobId) {
        return new JobHeader(jobId, null, null, null, null, null);
    }

    private static InstanceRef instance(String id, String databaseName) {
        return new InstanceRef(id, "tenant1", null, databaseName);
    }

    private static AddJob add(String jobId, String id, String databaseName) {
        return new AddJob(header(jobId), instance(id, databaseName), "Minimal");
    }

    private static DeleteJob delete(String id, String databaseName, boolean allowUnmanaged) {
        return new DeleteJob(header("delete-1"), instance(id, databaseName), null, allowUnmanaged);
    }

    private static CopyJob copy(String source, String target) {
        return new CopyJob(header("copy-1"), instance("9", target), null, source, WhenSourceBusy.WAIT);
    }

    private JobResult.Succeeded succeeds(Job job) {
        return (JobResult.Succeeded) ended(job, HandlerFixture.FIRST).event().data();
    }

    private JobResult.Error fails(ErrorCode code, Job job) {
        Disposition.Ended ended = ended(job, HandlerFixture.FIRST);
        assertThat(ended.deadLettered()).isFalse();
        JobResult.Error error = (JobResult.Error) ended.event().data();
        assertThat(error.error().code()).isEqualTo(code);
        return error;
    }

    private Disposition.Ended ended(Job job, JobDelivery delivery) {
        return (Disposition.Ended) bench.handle(job, delivery);
    }

    private OutcomeKind outcome(Job job, JobDelivery delivery) {
        return ended(job, delivery).event().data().outcome();
    }

    private JobDelivery redelivered(Duration waited) {
        return HandlerFixture.redelivered(1, 1, waited);
    }

    @Test
    void anAddPublishesInProgressBeforeItCreatesTheDatabase() {
        JobResult.Succeeded done = succeeds(add("job-1", "1", "ods_1"));
        assertThat(done.changed()).isTrue();
        assertThat(bench.started)
                .singleElement()
                .satisfies(begun -> assertThat(
                                InstanceStatusEvent.of(begun, Instant.EPOCH).id())
                        .isEqualTo("job-1/1/CreateInProgress"));
        assertThat(InstanceStatusEvent.of(done, Instant.EPOCH).id()).isEqualTo("job-1/1/Created");
        assertThat(done.facts().sequence()).isEqualTo(1202);
        assertThat(done.connectionString()).isEqualTo("Host=memory.example;Port=1;Database=ods_1");
        OwnershipMark mark = server.databases().get("ods_1").mark;
        assertThat(mark.isOf("1", "tenant1")).isTrue();
        assertThat(mark.template()).isEqualTo("Minimal");
    }

    /** A crash between the work and the acknowledgement. */
    @Test
    void aRedeliveredAddPublishesTheSameResultAgain() {
        JobResult.Succeeded first = succeeds(add("job-1", "1", "ods_1"));
        bench.started.clear();
        JobResult.Succeeded again = succeeds(add("job-1", "1", "ods_1"));
        assertThat(again.changed()).isTrue();
        assertThat(InstanceStatusEvent.of(again, Instant.EPOCH).id())
                .isEqualTo(InstanceStatusEvent.of(first, Instant.EPOCH).id());
        assertThat(bench.started).isEmpty();
    }

    @Test
    void aSecondAddForTheSameInstanceChangesNothing() {
        succeeds(add("job-1", "1", "ods_1"));
        assertThat(succeeds(add("job-2", "1", "ods_1")).changed()).isFalse();
        assertThat(server.databases().get("ods_1").mark.jobId()).isEqualTo("job-1");
    }

    @Test
    void anAddWithTheNameOfAnotherInstanceOrOfAnUnmanagedDatabaseIsAConflict() {
        succeeds(add("job-1", "1", "ods_1"));
        fails(ErrorCode.INSTANCE_CONFLICT, add("job-2", "2", "ods_1"));
        server.databases().put("ods_nobody", new InMemoryProvisioner.Database());
        fails(ErrorCode.INSTANCE_CONFLICT, add("job-3", "3", "ods_nobody"));
        assertThat(server.databases().get("ods_1").mark.instanceId()).isEqualTo("1");
        assertThat(server.databases().get("ods_nobody").mark).isNull();
    }

    /** It would say that the copy is there, while something else is. */
    @Test
    void aCopyOfAnotherSourceToAnExistingCopyIsAConflict() {
        succeeds(copy("minimal_template", "ods_9"));
        assertThat(succeeds(copy("minimal_template", "ods_9")).changed()).isTrue();
        succeeds(add("job-1", "1", "ods_1"));
        fails(ErrorCode.INSTANCE_CONFLICT, copy("ods_1", "ods_9"));
    }

    @Test
    void anInvalidDatabaseIsReplacedOnlyByItsOwnInstance() {
        succeeds(add("job-1", "1", "ods_1"));
        server.databases().get("ods_1").state = InstanceState.INVALID;
        fails(ErrorCode.INSTANCE_CONFLICT, add("job-2", "2", "ods_1"));
        assertThat(server.databases().get("ods_1").state).isEqualTo(InstanceState.INVALID);
        assertThat(succeeds(add("job-3", "1", "ods_1")).changed()).isTrue();
        assertThat(server.databases().get("ods_1").state).isEqualTo(InstanceState.ONLINE);
    }

    @Test
    void onlyManagedDatabasesAndTemplatesCanBeCopied() {
        succeeds(add("job-1", "1", "ods_1"));
        server.databases().get("ods_1").rows.add("theirs");
        assertThat(succeeds(copy("ods_1", "ods_9")).changed()).isTrue();
        assertThat(server.databases().get("ods_9").rows).contains("theirs");
        server.databases().put("ods_nobody", new InMemoryProvisioner.Database());
        fails(ErrorCode.NOT_MANAGED, copy("ods_nobody", "ods_8"));
        fails(ErrorCode.SOURCE_NOT_FOUND, copy("ods_absent", "ods_8"));
        server.databases().get("ods_1").state = InstanceState.INVALID;
        fails(ErrorCode.SOURCE_INVALID, copy("ods_1", "ods_8"));
        assertThat(server.databases()).doesNotContainKey("ods_8");
    }

    @Test
    void aCopyOfADatabaseToItselfIsRejected() {
        Disposition.Ended refused = ended(copy("ods_9", "ods_9"), HandlerFixture.FIRST);
        assertThat(refused.deadLettered()).isTrue();
        assertThat(refused.event().data().outcome()).isEqualTo(OutcomeKind.REJECTED);
        assertThat(refused.event().id()).isEqualTo("copy-1/0/CreateError");
    }

    @Test
    void aDeleteDropsTheInstancesDatabaseAndAnAbsentDatabaseIsASuccess() {
        succeeds(add("job-1", "1", "ods_1"));
        assertThat(succeeds(delete("1", "ods_1", false)).changed()).isTrue();
        assertThat(server.databases()).doesNotContainKey("ods_1");
        JobResult.Succeeded again = succeeds(delete("1", "ods_1", false));
        assertThat(again.changed()).isFalse();
        assertThat(again.state().name()).isEqualTo(InstanceState.NOT_FOUND);
    }

    /** Case 8: redelivered after the name was given to another instance. */
    @Test
    void aDeleteNeverDropsADatabaseOfAnotherInstance() {
        succeeds(add("job-1", "2", "ods_1"));
        bench.allowUnmanagedDelete(true);
        fails(ErrorCode.INSTANCE_CONFLICT, delete("1", "ods_1", false));
        fails(ErrorCode.INSTANCE_CONFLICT, delete("1", "ods_1", true));
        assertThat(server.databases()).containsKey("ods_1");
    }

    /** The lock keeps other jobs away, but not an administrator who renames the database and makes another one of its name. */
    @Test
    void aDatabaseThatGotTheNameWhileTheJobWaitedForTheBrokerIsNotDropped() {
        succeeds(add("job-1", "1", "ods_1"));
        bench.allowUnmanagedDelete(true);
        InMemoryProvisioner.Database another = new InMemoryProvisioner.Database();
        bench.whenConfirmed = () -> server.databases().put("ods_1", another);
        Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(delete("1", "ods_1", true));
        assertThat(again.event().data().error().code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(server.databases()).containsEntry("ods_1", another);
    }

    /** A later worker's, during an upgrade. */
    @Test
    void aDatabaseWithAnUnreadableMarkIsAConflict() {
        server.databases().put("ods_later", new InMemoryProvisioner.Database());
        server.databases().get("ods_later").markUnreadable = true;
        bench.allowUnmanagedDelete(true);
        fails(ErrorCode.INSTANCE_CONFLICT, delete("1", "ods_later", true));
        fails(ErrorCode.INSTANCE_CONFLICT, add("job-1", "1", "ods_later"));
        assertThat(server.databases()).containsKey("ods_later");
    }

    @Test
    void aRedeliveredJobWhoseWorkIsDoneSucceedsAfterItsDeadlineAndAfterManyCrashes() {
        succeeds(add("job-1", "1", "ods_1"));
        assertThat(outcome(add("job-1", "1", "ods_1"), redelivered(Duration.ofDays(2))))
                .isEqualTo(OutcomeKind.SUCCEEDED);
        JobDelivery crashed = HandlerFixture.redelivered(1, 5, Duration.ZERO);
        assertThat(outcome(add("job-1", "1", "ods_1"), crashed)).isEqualTo(OutcomeKind.SUCCEEDED);
        Disposition.Ended other = ended(add("job-2", "1", "ods_2"), crashed);
        assertThat(other.deadLettered()).isTrue();
        assertThat(other.event().data().outcome()).isEqualTo(OutcomeKind.ERROR);
        assertThat(other.event().data().facts().instance().id()).isEqualTo("1");
    }

    @Test
    void anUnmanagedDatabaseIsDroppedOnlyIfJobAndServerAllowIt() {
        server.databases().put("ods_nobody", new InMemoryProvisioner.Database());
        fails(ErrorCode.NOT_MANAGED, delete("1", "ods_nobody", false));
        fails(ErrorCode.NOT_MANAGED, delete("1", "ods_nobody", true));
        bench.allowUnmanagedDelete(true);
        fails(ErrorCode.NOT_MANAGED, delete("1", "ods_nobody", false));
        assertThat(succeeds(delete("1", "ods_nobody", true)).changed()).isTrue();
    }

    @Test
    void aCopyBetweenTenantsIsRefusedUnlessTheServerAllowsIt() {
        succeeds(add("job-1", "1", "ods_1"));
        JobHeader header = header("copy-1");
        CopyJob ofAnother =
                new CopyJob(header, new InstanceRef("9", "tenant2", null, "ods_9"), null, "ods_1", WhenSourceBusy.WAIT);
        CopyJob ofNone =
                new CopyJob(header, new InstanceRef("9", null, null, "ods_9"), null, "ods_1", WhenSourceBusy.WAIT);
        fails(ErrorCode.INSTANCE_CONFLICT, ofAnother);
        fails(ErrorCode.INSTANCE_CONFLICT, ofNone);
        assertThat(server.databases()).doesNotContainKey("ods_9");
        bench.allowCopyBetweenTenants();
        assertThat(succeeds(ofAnother).changed()).isTrue();
    }

    @Test
    void aTemplateCanBeCopiedForEveryTenant() {
        succeeds(copy("minimal_template", "ods_9"));
        OwnershipMark templatesMark = server.databases().get("ods_9").mark;
        server.databases().get("minimal_template").mark = templatesMark;
        succeeds(new CopyJob(
                header("copy-2"),
                new InstanceRef("8", "tenant2", null, "ods_8"),
                null,
                "minimal_template",
                WhenSourceBusy.WAIT));
    }

    @Test
    void onlyAllowedDatabasesAreCreatedCopiedAndDropped() {
        succeeds(add("job-1", "1", "other_1"));
        bench.allowDatabases("ods_*", "exact");
        fails(ErrorCode.PROTECTED_DATABASE, add("job-2", "2", "other_2"));
        fails(ErrorCode.PROTECTED_DATABASE, add("job-2", "2", "exact_2"));
        fails(ErrorCode.PROTECTED_DATABASE, delete("1", "other_1", false));
        fails(ErrorCode.PROTECTED_DATABASE, copy("other_1", "ods_9"));
        assertThat(succeeds(copy("minimal_template", "ods_9")).changed()).isTrue();
        assertThat(succeeds(add("job-3", "3", "exact")).changed()).isTrue();
        assertThat(server.databases()).containsOnlyKeys("minimal_template", "other_1", "ods_9", "exact");
    }

    @Test
    void protectedDatabasesAreNeitherCreatedNorDropped() {
        // The journal of a server in the settings, which may be another name for this one.
        fails(ErrorCode.PROTECTED_DATABASE, delete("1", "instance_worker", true));
        for (String name : new String[] {"EdFi_Admin", "postgres", "minimal_template", "iw_staging_x"}) {
            fails(ErrorCode.PROTECTED_DATABASE, add("job-1", "1", name));
            fails(ErrorCode.PROTECTED_DATABASE, delete("1", name, true));
            fails(ErrorCode.PROTECTED_DATABASE, copy("minimal_template", name));
        }
        assertThat(server.databases()).containsOnlyKeys("minimal_template");
    }

    @Test
    void queriesReportWhetherTheDatabaseExists() {
        assertThat(succeeds(new StatusJob(header("s"), instance("1", "ods_1"), null))
                        .state()
                        .name())
                .isEqualTo(InstanceState.NOT_FOUND);
        fails(ErrorCode.INSTANCE_NOT_FOUND, new InfoJob(header("i"), instance("1", "ods_1"), null));
        succeeds(add("job-1", "1", "ods_1"));
        assertThat(succeeds(new InfoJob(header("i"), instance("1", "ods_1"), null))
                        .info()
                        .origin()
                        .createdByJob())
                .isEqualTo("job-1");
    }

    @Test
    void aStatusPageHasOnlyDatabasesThatMatchTheFilter() {
        for (int i = 1; i <= 5; i++) {
            succeeds(add("job-" + i, "" + i, "ods_" + i));
        }
        server.databases().get("ods_3").state = InstanceState.OFFLINE;
        JobResult.Succeeded page =
                succeeds(new StatusPageJob(header("s"), false, 2, 2, StatusPageJob.Filter.NONE, true));
        assertThat(page.page().instances())
                .extracting(e -> e.instance().databaseName())
                .containsExactly("ods_3", "ods_4");
        assertThat(page.page().total()).isEqualTo(5);
        assertThat(page.page().stateCounts())
                .containsEntry(InstanceState.ONLINE, 4)
                .containsEntry(InstanceState.OFFLINE, 1);
        StatusPageJob.Filter offline = new StatusPageJob.Filter("tenant1", InstanceState.OFFLINE, "ods");
        assertThat(succeeds(new StatusPageJob(header("s"), true, 1, 10, offline, true))
                        .page()
                        .total())
                .isEqualTo(1);
        assertThat(succeeds(new StatusPageJob(header("s"), true, 1, 10, StatusPageJob.Filter.NONE, true))
                        .page()
                        .total())
                .isEqualTo(6);
    }

    @Test
    void aPageWithoutSizesIsNotMeasured() {
        succeeds(add("job-1", "1", "ods_1"));
        StatusPageJob measured = new StatusPageJob(header("s"), false, 1, 10, StatusPageJob.Filter.NONE, true);
        StatusPageJob unmeasured = new StatusPageJob(header("s"), false, 1, 10, StatusPageJob.Filter.NONE, false);

        assertThat(succeeds(measured).page().instances())
                .singleElement()
                .satisfies(entry -> assertThat(entry.sizeBytes()).isNotNull());
        assertThat(succeeds(unmeasured).page().instances())
                .singleElement()
                .isEqualTo(
                        new StatusPage.Entry(instance("1", "ods_1"), StateReport.of(InstanceState.ONLINE), null, null));
    }

    @Test
    void anAddWithoutATemplateAndWithoutADefaultTemplateIsAFinalError() {
        JobResult.Error error =
                fails(ErrorCode.UNKNOWN_TEMPLATE, new AddJob(header("j"), instance("1", "ods_1"), null));

        assertThat(error.error().message()).contains("default-template", "Minimal", "\"template\": \"\"");
        assertThat(server.databases()).doesNotContainKey("ods_1");
    }

    @Test
    void anAddWithAnEmptyTemplateCreatesAnEmptyDatabase() {
        InstanceRef named = new InstanceRef("1", "tenant1", "EdFi Ods Grand Bend", null);
        JobResult.Succeeded done = succeeds(new AddJob(header("job-1"), named, ""));

        assertThat(done.facts().instance().databaseName()).isEqualTo("EdFi_Ods_Grand_Bend");
        assertThat(server.databases().get("EdFi_Ods_Grand_Bend").mark.template())
                .isNull();
        assertThat(succeeds(new DeleteJob(header("job-2"), named, "", false)).changed())
                .isTrue();
        assertThat(server.databases()).doesNotContainKey("EdFi_Ods_Grand_Bend");
    }

    @Test
    void anAddOfAnEmptyDatabaseToAnInstanceCreatedFromATemplateIsAConflict() {
        succeeds(add("job-1", "1", "ods_1"));
        fails(ErrorCode.INSTANCE_CONFLICT, new AddJob(header("job-2"), instance("1", "ods_1"), ""));
    }

    @Test
    void everyResultHasRequestedByOfTheJob() {
        JobHeader asked = new JobHeader("job-1", null, "admin-api", null, null, null);
        JobResult.Succeeded done = succeeds(new AddJob(asked, instance("1", "ods_1"), "Minimal"));
        assertThat(done.facts().requestedBy()).isEqualTo("admin-api");
        assertThat(bench.started)
                .singleElement()
                .satisfies(begun -> assertThat(begun.facts().requestedBy()).isEqualTo("admin-api"));

        ReadJob.Refused refused = (ReadJob.Refused) new JobReader()
                .read("{\"operation\": \"Rename\", \"requestedBy\": \"admin-api\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(bench.handler.reject(refused).orElseThrow().data().facts().requestedBy())
                .isEqualTo("admin-api");
    }

    @Test
    void anUnknownServerOrTemplateIsAFinalError() {
        fails(
                ErrorCode.UNKNOWN_SERVER,
                new AddJob(new JobHeader("j", "elsewhere", null, null, null, null), instance("1", "ods_1"), null));
        fails(ErrorCode.UNKNOWN_TEMPLATE, new AddJob(header("j"), instance("1", "ods_1"), "Huge"));
        server.databases().clear();
        fails(ErrorCode.TEMPLATE_NOT_FOUND, add("job-1", "1", "ods_1"));
    }

    /** Otherwise the failure could be published first, and the beginning later or never. A slow broker keeps no lock. */
    @Test
    void theBeginningOfAnAttemptIsConfirmedBeforeItsFailureIsPublished() {
        bench.whenConfirmed = () -> server.tryLock(new LockRequest(Set.of("ods_1"), Set.of()), step -> {})
                .orElseThrow()
                .close();
        bench.engine.failMaking(new ProvisioningException(ErrorCode.SOURCE_BUSY, "in use"));
        assertThat(bench.handle(add("job-1", "1", "ods_1"))).isInstanceOf(Disposition.TryAgain.class);
        assertThat(bench.confirmed).hasSize(1).isEqualTo(bench.started);
    }

    @Test
    void aJobWhoseServerWorksOnByItselfWaitsAndUsesUpNoAttempt() {
        bench.engine.failMaking(new StillRunningException("the restore is at 40 %"));
        Disposition.Wait wait = (Disposition.Wait) bench.handle(add("job-1", "1", "ods_1"));
        assertThat(wait.reason()).isEqualTo("the restore is at 40 %");
        assertThat(wait.carried().progress().attempt()).isEqualTo(1);

        bench.engine.failMaking(null);
        assertThat(outcome(add("job-1", "1", "ods_1"), HandlerFixture.back(wait.carried())))
                .isEqualTo(OutcomeKind.SUCCEEDED);
    }

    @Test
    void aJobThatWaitsPublishesHowMuchIsDone() {
        bench.whenProgress = () -> assertThat(bench.confirmed).hasSize(1);
        bench.engine.failMaking(new StillRunningException("the restore is at 40 %", 70));
        assertThat(bench.handle(add("job-1", "1", "ods_1"))).isInstanceOf(Disposition.Wait.class);
        assertThat(progressIds()).containsExactly("job-1/1/CreateInProgress/70");
    }

    private List<String> progressIds() {
        return bench.progress.stream()
                .map(event -> InstanceStatusEvent.of(event, Instant.EPOCH).id())
                .toList();
    }

    @Test
    void progressIsPublishedWhenItHasGrownAndAtMostEveryFiveSeconds() {
        bench.engine.whenMaking(() -> {
            report(0);
            report(10);
            report(20);
            bench.now = bench.now.plusSeconds(5);
            report(10);
            report(5);
            report(30);
        });
        JobResult.Succeeded done = succeeds(add("job-1", "1", "ods_1"));
        bench.now = bench.now.plusSeconds(5);
        report(90);
        assertThat(progressIds()).containsExactly("job-1/1/CreateInProgress/10", "job-1/1/CreateInProgress/30");
        assertThat(bench.progress)
                .extracting(event -> event.facts().sequence())
                .containsExactly(1011L, 1031L)
                .allMatch(sequence -> sequence > bench.started.get(0).facts().sequence())
                .allMatch(sequence -> sequence < done.facts().sequence());
    }

    /** The broker may answer only when the attempt has ended. */
    @Test
    void progressThatIsHeldUpUntilTheEndIsNotPublished() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch reporting = new CountDownLatch(1);
        bench.whenProgress = () -> {
            reporting.countDown();
            await(ended);
        };
        AtomicReference<CompletableFuture<Void>> report = new AtomicReference<>();
        bench.engine.whenMaking(() -> {
            report.set(CompletableFuture.runAsync(() -> report(40)));
            await(reporting);
        });
        succeeds(add("job-1", "1", "ods_1"));
        ended.countDown();
        report.get().get(1, TimeUnit.MINUTES);
        assertThat(bench.progress).hasSize(1);
        assertThat(bench.sentProgress).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aPercentageAboveAHundredIsPublishedAsAHundred() {
        bench.engine.whenMaking(() -> report(300));
        succeeds(add("job-1", "1", "ods_1"));
        assertThat(progressIds()).containsExactly("job-1/1/CreateInProgress/100");
    }

    private void report(int percent) {
        bench.engine.steps().progress(percent);
    }

    @Test
    void progressThatCannotBePublishedHasNoEffectOnTheJob() {
        bench.whenProgress = () -> {
            throw new DeliveryLostException("the channel is closed");
        };
        bench.engine.whenMaking(() -> {
            report(10);
            bench.now = bench.now.plusSeconds(5);
            report(30);
        });
        assertThat(succeeds(add("job-1", "1", "ods_1")).changed()).isTrue();
        assertThat(progressIds()).containsExactly("job-1/1/CreateInProgress/10");
    }

    @Test
    void theEndOfAnAttemptWaitsForProgressThatIsBeingPublished() throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        CountDownLatch publishing = new CountDownLatch(1);
        Thread job = Thread.currentThread();
        bench.whenProgress = () -> {
            publishing.countDown();
            Awaitility.await().until(() -> job.getState() == Thread.State.TIMED_WAITING || said.contains("ended"));
            said.add("progress");
        };
        Thread engine = new Thread(() -> report(40));
        bench.engine.whenMaking(() -> {
            engine.start();
            awaitCount(publishing);
        });
        succeeds(add("job-1", "1", "ods_1"));
        said.add("ended");
        engine.join();
        assertThat(said).containsExactly("progress", "ended");
    }

    private static void awaitCount(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aJobThatWaitsForALockUsesUpNoAttempt() {
        try (InstanceLock held = server.tryLock(new LockRequest(Set.of("ods_1"), Set.of()), step -> {})
                .orElseThrow()) {
            assertThat(held).isNotNull();
            Disposition.Wait wait = (Disposition.Wait) bench.handle(add("job-1", "1", "ods_1"));
            assertThat(wait.carried().progress().attempt()).isEqualTo(1);
            assertThat(wait.carried().progress().waits()).isEqualTo(1);
            assertThat(bench.started).isEmpty();

            JobDelivery late = HandlerFixture.back(
                    HandlerFixture.carried(1, Duration.ofDays(1).minusSeconds(3)));
            assertThat(bench.handle(add("job-1", "1", "ods_1"), late))
                    .as("while another works on the database, it may be another delivery of this job")
                    .isInstanceOf(Disposition.Wait.class);
        }
        assertThat(succeeds(add("job-1", "1", "ods_1")).changed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"AUTHENTICATION_FAILED", "DISK_FULL", "TIMEOUT"})
    void anErrorThatOperatorsMendIsTriedAgainUntilTheDeadlineAlsoOnceTheJobHasStarted(ErrorCode code) {
        JobDelivery delivery = HandlerFixture.FIRST;
        for (int attempt = 1; attempt <= 20; attempt++) {
            bench.engine.failMaking(new ProvisioningException(code, "not now"));
            Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(add("job-1", "1", "ods_1"), delivery);
            Progress progress = again.carried().progress();
            assertThat(progress.allowedAttempts() - progress.attempt()).isEqualTo(4);
            delivery = HandlerFixture.back(again.carried());
        }
        JobDelivery late = HandlerFixture.back(new Carried(
                null, delivery.carried().progress(), Duration.ofDays(1).minusSeconds(3)));
        bench.engine.failMaking(new ProvisioningException(code, "not now"));
        Disposition.Ended end = ended(add("job-1", "1", "ods_1"), late);
        assertThat(end.event().data().error().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"DEADLOCK", "INTERNAL_ERROR"})
    void aRetryableErrorIsTriedAgainUntilTheLastAttempt(ErrorCode code) {
        bench.engine.failAll(new ProvisioningException(code, "why"));
        JobDelivery delivery = HandlerFixture.FIRST;
        for (int attempt = 1; attempt < 5; attempt++) {
            Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(add("job-1", "1", "ods_1"), delivery);
            assertThat(again.event().data().facts().attempt()).isEqualTo(attempt);
            assertThat(again.event().data().nextAttemptAt())
                    .isEqualTo(bench.now.plus(again.delay().length()));
            delivery = HandlerFixture.back(again.carried());
        }
        bench.engine.failAll(null);
        bench.engine.failMaking(new ProvisioningException(code, "why"));
        Disposition.Ended end = ended(add("job-1", "1", "ods_1"), delivery);
        assertThat(end.deadLettered()).isTrue();
        assertThat(end.event().id()).isEqualTo("job-1/5/CreateError");
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"TOO_MANY_CONNECTIONS", "DISK_FULL"})
    void aFullServerCostsNoAttempts(ErrorCode code) {
        bench.engine.failAll(new ProvisioningException(code, "full"));
        JobDelivery delivery = HandlerFixture.FIRST;
        for (int attempt = 1; attempt <= 20; attempt++) {
            Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(add("job-1", "1", "ods_1"), delivery);
            Progress progress = again.carried().progress();
            assertThat(progress.allowedAttempts() - progress.attempt()).isEqualTo(4);
            delivery = HandlerFixture.back(again.carried());
        }
    }

    @Test
    void anUnreachableServerCostsNoAttempts() {
        bench.engine.failAll(new ProvisioningException(ErrorCode.SERVER_UNAVAILABLE, "down"));
        Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(add("job-1", "1", "ods_1"));
        Progress progress = again.carried().progress();
        assertThat(progress.allowedAttempts() - progress.attempt()).isEqualTo(4);
    }

    @Test
    void aFailureHasTheStateOfTheDatabase() {
        server.databases().put("ods_1", new InMemoryProvisioner.Database());
        assertThat(fails(ErrorCode.INSTANCE_CONFLICT, add("job-1", "1", "ods_1"))
                        .state())
                .isEqualTo(StateReport.of(InstanceState.ONLINE));

        bench.engine.failMaking(new ProvisioningException(ErrorCode.SOURCE_BUSY, "in use"));
        Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(add("job-2", "2", "ods_2"));
        assertThat(again.event().data().state()).isEqualTo(StateReport.of(InstanceState.NOT_FOUND));
    }

    @Test
    void theStateAfterAFailureIsUnknownIfTheServerCannotBeQueried() {
        fails(ErrorCode.PROTECTED_DATABASE, add("job-1", "1", "postgres"));
        assertThat(bench.engine.calls()).isZero();

        bench.engine.failMaking(new ProvisioningException(ErrorCode.DEADLOCK, "the first failure"));
        bench.engine.whenMaking(() -> bench.engine.failAll(new ProvisioningException(ErrorCode.TIMEOUT, "slow")));
        Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(add("job-2", "2", "ods_2"));
        JobResult failed = again.event().data();
        assertThat(failed.error().code()).isEqualTo(ErrorCode.DEADLOCK);
        assertThat(failed.state()).isEqualTo(new StateReport(InstanceState.UNKNOWN, 255, "DEADLOCK"));
    }

    /** The answer to the last attempt was lost on its way. */
    @Test
    void aJobSucceedsIfItsFailedLastAttemptHasDoneTheWork() {
        bench.engine.failMaking(new ProvisioningException(ErrorCode.SERVER_UNAVAILABLE, "the connection broke"));
        bench.engine.whenMaking(() -> put("ods_1", "job-1"));
        assertThat(outcome(add("job-1", "1", "ods_1"), lastAttempt())).isEqualTo(OutcomeKind.SUCCEEDED);
    }

    /** Meanwhile a later job may have created a database of that name, and its success must count as the later one. */
    @Test
    void aDeleteWhoseAnswerWasLostIsDatedByTheStartOfItsDrop() {
        put("ods_1", "job-1");
        Instant dropStarted = bench.now;
        bench.engine.whenDropped(() -> {
            bench.now = dropStarted.plusSeconds(10);
            throw new ProvisioningException(ErrorCode.SERVER_UNAVAILABLE, "the connection broke");
        });
        JobResult end =
                ended(delete("1", "ods_1", false), lastAttempt()).event().data();
        assertThat(end.outcome()).isEqualTo(OutcomeKind.SUCCEEDED);
        assertThat(end.facts().startedAt()).isEqualTo(dropStarted);
    }

    @Test
    void aJobWithoutAnAttemptLeftEndsOnlyWhenItsDatabaseCanBeObserved() {
        bench.engine.failMaking(new ProvisioningException(ErrorCode.SERVER_UNAVAILABLE, "the connection broke"));
        bench.engine.whenMaking(
                () -> bench.engine.failAll(new ProvisioningException(ErrorCode.SERVER_UNAVAILABLE, "it restarts")));
        Disposition.Wait unseen = (Disposition.Wait) bench.handle(add("job-1", "1", "ods_1"), lastAttempt());
        assertThat(unseen.carried().progress().attempt()).isEqualTo(6);
        bench.engine.failAll(null);
        bench.engine.whenMaking(() -> {});

        bench.awaitReachable();
        Disposition.Ended end = ended(add("job-1", "1", "ods_1"), HandlerFixture.back(unseen.carried()));
        assertThat(end.deadLettered()).isTrue();
        assertThat(end.event().id()).isEqualTo("job-1/5/CreateError");
        assertThat(server.databases()).doesNotContainKey("ods_1");
        put("ods_1", "job-1");
        assertThat(outcome(add("job-1", "1", "ods_1"), HandlerFixture.back(unseen.carried())))
                .isEqualTo(OutcomeKind.SUCCEEDED);
    }

    /** Another delivery of the same job may be at work, and then its end counts. */
    @Test
    void aRedeliveredJobPastItsDeadlineWaitsForTheLock() {
        JobDelivery redelivered = redelivered(Duration.ofDays(2));
        try (InstanceLock held = server.tryLock(new LockRequest(Set.of("ods_1"), Set.of()), step -> {})
                .orElseThrow()) {
            assertThat(held).isNotNull();
            assertThat(bench.handle(add("job-1", "1", "ods_1"), redelivered)).isInstanceOf(Disposition.Wait.class);
        }
        assertThat(outcome(add("job-1", "1", "ods_1"), redelivered)).isEqualTo(OutcomeKind.ERROR);
    }

    @Test
    void aQueryThatHasCrashedItsWorkersEndsWithoutACallToTheServer() {
        Job page = new StatusPageJob(header("page"), false, 1, 100, StatusPageJob.Filter.NONE, true);
        assertThat(ended(page, HandlerFixture.redelivered(1, 5, Duration.ZERO)).deadLettered())
                .isTrue();
        assertThat(bench.engine.calls()).isZero();
    }

    @Test
    void aRedeliveredJobForAnUnknownServerEndsAtOnce() {
        Job elsewhere =
                new AddJob(new JobHeader("j", "elsewhere", null, null, null, null), instance("1", "ods_1"), null);
        JobResult.Error error = (JobResult.Error)
                ended(elsewhere, redelivered(Duration.ZERO)).event().data();
        assertThat(error.error().code()).isEqualTo(ErrorCode.UNKNOWN_SERVER);
    }

    /** A publisher may use one id for the jobs of several instances. */
    @Test
    void aDatabaseOfAnotherInstanceIsNotTheWorkOfAJobWithTheSameId() {
        put("ods_1", "job-1");
        JobResult.Error error = (JobResult.Error) ended(add("job-1", "2", "ods_1"), redelivered(Duration.ZERO))
                .event()
                .data();
        assertThat(error.error().code()).isEqualTo(ErrorCode.INSTANCE_CONFLICT);
    }

    private JobDelivery lastAttempt() {
        return HandlerFixture.back(HandlerFixture.carried(5, Duration.ZERO));
    }

    private void put(String databaseName, String jobId) {
        server.databases().put(databaseName, new InMemoryProvisioner.Database());
        server.databases().get(databaseName).mark =
                new OwnershipMark("1", "tenant1", jobId, Operation.ADD, "Minimal", null, Instant.EPOCH);
    }

    @Test
    void aCopyWaitsForItsBusySourceUntilTheDeadline() {
        put("ods_1", "j");
        bench.engine.failMaking(new ProvisioningException(ErrorCode.SOURCE_BUSY, "It is in use."));
        JobDelivery delivery = HandlerFixture.FIRST;
        for (int i = 0; i < 20; i++) {
            Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(copy("ods_1", "ods_9"), delivery);
            delivery = HandlerFixture.back(again.carried());
        }
        Carried late = HandlerFixture.carried(1, Duration.ofDays(1).minusSeconds(3));
        JobResult.Error end = (JobResult.Error)
                ended(copy("ods_1", "ods_9"), HandlerFixture.back(late)).event().data();
        assertThat(end.error().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        assertThat(end.error().message()).contains("It is in use. Send it again");
    }

    @Test
    void aJobPastItsDeadlineIsNotStarted() {
        JobHeader late = new JobHeader("job-1", null, null, null, bench.now.minusSeconds(1), null);
        fails(ErrorCode.DEADLINE_EXCEEDED, new AddJob(late, instance("1", "ods_1"), null));
        assertThat(server.databases()).doesNotContainKey("ods_1");
    }

    @Test
    void aJobWithADeadlineAboveTheMaximumIsRejected() {
        JobHeader far = new JobHeader(
                "job-1", null, null, null, bench.now.plus(Duration.ofDays(30)).plusSeconds(1), null);
        Disposition.Ended refused = ended(new AddJob(far, instance("1", "ods_1"), "Minimal"), HandlerFixture.FIRST);
        assertThat(refused.deadLettered()).isTrue();
        JobResult rejected = refused.event().data();
        assertThat(rejected).isInstanceOf(JobResult.Rejected.class);
        assertThat(rejected.error().code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(rejected.error().message()).contains("deadline: ", "max-deadline");
        assertThat(server.databases()).doesNotContainKey("ods_1");

        JobHeader farthest = new JobHeader("job-2", null, null, null, bench.now.plus(Duration.ofDays(30)), null);
        succeeds(new AddJob(farthest, instance("1", "ods_1"), "Minimal"));
    }

    @Test
    void anUnexpectedExceptionOfAnEngineIsReportedWithoutItsMessage() {
        bench.engine.failAll(new IllegalStateException("password=secret"));
        Disposition.TryAgain again = (Disposition.TryAgain) bench.handle(add("job-1", "1", "ods_1"));
        assertThat(again.event().data().error().code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(again.event().data().error().message()).doesNotContain("secret");
    }

    @Test
    void theObserverGetsServerDatabaseAndStepsOfAJob() {
        List<String> said = new ArrayList<>();
        bench.handler.handle(add("job-1", "1", "ods_1"), HandlerFixture.FIRST, new JobObserver() {
            @Override
            public void isAbout(String server, @Nullable InstanceRef instance) {
                said.add(server + " " + Objects.requireNonNull(instance).databaseName());
            }

            @Override
            public Confirmation starts(JobResult.InProgress started) {
                said.add("starts");
                return () -> said.add("confirmed");
            }

            @Override
            public void at(String step) {
                said.add(step);
            }
        });
        assertThat(said).startsWith("default ods_1", "lock", "observe", "starts", "create", "confirmed", "verify");
    }
}
