package io.instanceworker.provision;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.JournalStore;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.journal.JobRun;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.journal.Journal;
import io.instanceworker.journal.Received;
import io.instanceworker.journal.Received.End;
import io.instanceworker.journal.ReceivedMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rows of the journal on every engine: which row a message has, and what a delivery without the claim can still write. */
public abstract class JobRunContract {

    private static final int MAX_ATTEMPTS = 3;
    private static final End SUCCESS = new End("Succeeded", "{\"ended\": \"well\"}", false);
    private static final End FAILURE = new End("Error", "{\"ended\": \"badly\"}", false);
    private static final End DEAD_LETTER = new End("Error", "{\"ended\": \"in the dead queue\"}", true);
    private static final Progress FIRST = new Progress(1, MAX_ATTEMPTS, 0, null);
    private static final String NO_RUN = "00000000-0000-0000-0000-000000000000";

    private JournalFixture bench;
    private Journal journal;
    private final List<String> inserted = new ArrayList<>();

    protected abstract JournalFixture openBench();

    @BeforeEach
    void open() {
        bench = openBench();
        journal = new Journal(store(), MAX_ATTEMPTS);
    }

    @AfterEach
    void close() {
        bench.provisioner().close();
        bench.close();
    }

    private JournalStore store() {
        return bench.provisioner().journal().orElseThrow();
    }

    /** How a message comes to the worker. */
    private enum Delivery {
        FIRST,
        REDELIVERED,
        FROM_WAIT_QUEUE,
        REPLAY_FROM_WAIT_QUEUE
    }

    private Received receive(String body, @Nullable String runId, Delivery delivery) {
        return receive(body, runId, delivery, "ods", FIRST);
    }

    private Received receive(
            String body, @Nullable String runId, Delivery delivery, String database, Progress progress) {
        return receive(body, runId, delivery, database, progress, Duration.ZERO);
    }

    private Received receive(
            String body,
            @Nullable String runId,
            Delivery delivery,
            String database,
            Progress progress,
            Duration waited) {
        ReceivedMessage message = new ReceivedMessage(
                body,
                runId,
                delivery == Delivery.REDELIVERED,
                delivery == Delivery.FROM_WAIT_QUEUE || delivery == Delivery.REPLAY_FROM_WAIT_QUEUE,
                delivery == Delivery.FIRST || delivery == Delivery.REPLAY_FROM_WAIT_QUEUE,
                waited,
                progress,
                new ReceivedMessage.Facts(
                        "job-" + body, "Add", "7", "tenant", database, database, null, "Minimal", "me", "worker-1"));
        return journal.receive(message, inserted::add);
    }

    private Received fromWaitQueueWithoutARow(String body, @Nullable String runId, Duration waited) {
        return receive(body, runId, Delivery.FROM_WAIT_QUEUE, "ods", FIRST, waited);
    }

    private static JobRun open(Received received) {
        assertThat(received).isInstanceOf(Received.Open.class);
        return ((Received.Open) received).run();
    }

    private static End ended(Received received) {
        assertThat(received).isInstanceOf(Received.Ended.class);
        return ((Received.Ended) received).end();
    }

    private JobRun first(String body) {
        return open(receive(body, null, Delivery.FIRST));
    }

    private String column(String column, JobRun run) {
        return String.join(
                "",
                bench.queryJournal("SELECT coalesce(cast(" + column
                        + " AS varchar(4000)), 'null') FROM job_run WHERE run_id = '" + run.runId() + "'"));
    }

    private int rows() {
        return bench.queryJournal("SELECT run_id FROM job_run").size();
    }

    private InstanceLock lock() {
        return bench.provisioner()
                .tryLock(new LockRequest(Set.of("ods"), Set.of()), step -> {})
                .orElseThrow();
    }

    private Journal.Start start(JobRun run, @Nullable String before) {
        try (InstanceLock lock = lock()) {
            return journal.start(lock, run, before);
        }
    }

    private Journal.Ending endUnderLock(JobRun run) {
        try (InstanceLock lock = lock()) {
            return journal.endUnderLock(lock, run, SUCCESS);
        }
    }

    @Test
    void aFirstDeliveryInsertsARowWithTheFactsOfTheJob() {
        JobRun run = first("a");

        assertThat(column("concat(job_id, ' ', operation, ' ', instance_id, ' ', tenant, ' ', database_name)", run))
                .isEqualTo("job-a Add 7 tenant ods");
        assertThat(column("concat(template, ' ', requested_by, ' ', worker, ' ', body_sha256)", run))
                .isEqualTo("Minimal me worker-1 a");
        assertThat(column("owner", run)).isEqualTo(store().owner());
        assertThat(column("claim", run)).isEqualTo(run.claim());
        assertThat(run.progress()).isEqualTo(FIRST);
        assertThat(run.crashes()).isZero();
    }

    @Test
    void theSameBytesSentAgainAsAFirstDeliveryAreANewRow() {
        JobRun one = first("a");
        journal.end(one, SUCCESS, null);

        JobRun two = first("a");

        assertThat(two.runId()).isNotEqualTo(one.runId());
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void aRedeliveryWithoutARunIdFindsItsRowByTheBody() {
        JobRun run = first("a");

        JobRun again = open(receive("a", null, Delivery.REDELIVERED));

        assertThat(again.runId()).isEqualTo(run.runId());
        assertThat(again.claim()).isNotEqualTo(run.claim());
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void aRedeliveryWithoutARunIdFindsTheClaimedRowAmongSeveralOfTheSameBody() {
        JobRun claimed = first("a");
        JobRun given = first("a");
        journal.defer(given, new Progress(1, MAX_ATTEMPTS, 1, null), null, Instant.now());
        journal.end(first("a"), SUCCESS, null);

        assertThat(open(receive("a", null, Delivery.REDELIVERED)).runId()).isEqualTo(claimed.runId());
        journal.end(open(receive("a", claimed.runId(), Delivery.REDELIVERED)), SUCCESS, null);

        assertThat(open(receive("a", null, Delivery.REDELIVERED)).runId())
                .as("then the open one")
                .isEqualTo(given.runId());
    }

    /** Its worker put it back into its queue, and clears the claim when it does so. */
    @Test
    void aMessageThatWentBackToItsQueueDoesNotTakeTheRowOfARunningJobOfTheSameBytes() {
        JobRun running = first("a");
        JobRun wentBack = first("a");
        journal.defer(wentBack, FIRST, null, null);

        assertThat(open(receive("a", null, Delivery.REDELIVERED)).runId()).isEqualTo(wentBack.runId());
        assertThat(column("claim", running)).isEqualTo(running.claim());
    }

    @Test
    void twoMessagesOfTheSameBytesThatAreBothRedeliveredHaveARowEach() {
        JobRun one = first("a");
        JobRun two = first("a");

        JobRun again = open(receive("a", null, Delivery.REDELIVERED));
        JobRun other = open(receive("a", null, Delivery.REDELIVERED));

        assertThat(List.of(again.runId(), other.runId())).containsExactlyInAnyOrder(one.runId(), two.runId());
    }

    @Test
    void theRunIdOfANewRowIsReportedBeforeTheInsert() {
        JobRun run = first("a");
        assertThat(inserted).containsExactly(run.runId());

        receive("a", run.runId(), Delivery.FROM_WAIT_QUEUE);

        assertThat(inserted).containsExactly(run.runId());
    }

    /** A worker put a copy of the message into a wait queue, and the broker gave the message itself to another. */
    @Test
    void aMessageThatWaitedWithoutARowFindsTheRowOfItsRedelivery() {
        JobRun redelivered = open(receive("a", null, Delivery.REDELIVERED));
        journal.end(redelivered, FAILURE, "INSTANCE_CONFLICT");

        assertThat(ended(fromWaitQueueWithoutARow("a", null, Duration.ofMinutes(1))))
                .isEqualTo(FAILURE);
        assertThat(ended(fromWaitQueueWithoutARow("a", NO_RUN, Duration.ofMinutes(1))))
                .isEqualTo(FAILURE);
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void aMessageThatWaitedWithoutARowDoesNotUseAnEarlierRowOfTheSameBody() {
        JobRun before = first("a");
        journal.end(before, SUCCESS, null);

        assertThat(open(fromWaitQueueWithoutARow("a", null, Duration.ZERO)).runId())
                .isNotEqualTo(before.runId());
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void aRedeliveryWithoutAnEarlierRowInsertsARow() {
        open(receive("a", null, Delivery.REDELIVERED));

        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void aRedeliveryOfAnEndedRunGetsTheResultAsItWasWritten() {
        JobRun run = first("a");
        assertThat(journal.end(run, FAILURE, "NOT_MANAGED")).isEqualTo(Journal.Ending.WRITTEN);

        assertThat(ended(receive("a", null, Delivery.REDELIVERED))).isEqualTo(FAILURE);
        assertThat(ended(receive("a", run.runId(), Delivery.REDELIVERED))).isEqualTo(FAILURE);
        assertThat(ended(receive("a", run.runId(), Delivery.FROM_WAIT_QUEUE))).isEqualTo(FAILURE);
        assertThat(column("error_code", run)).isEqualTo("NOT_MANAGED");
    }

    @Test
    void aRunIdWithAnotherBodyIsIgnored() {
        JobRun run = first("a");
        journal.end(run, DEAD_LETTER, "INTERNAL_ERROR");

        JobRun forged = open(receive("b", run.runId(), Delivery.FIRST));

        assertThat(forged.runId()).isNotEqualTo(run.runId());
        assertThat(column("outcome", run)).isEqualTo("Error");
        assertThat(rows()).isEqualTo(2);
    }

    /** The insert of its first row was lost in a crash of the server, or never arrived. */
    @Test
    void aRunIdWithoutARowGetsOneAndItsRedeliveryFindsIt() {
        JobRun run = open(receive("a", NO_RUN, Delivery.FROM_WAIT_QUEUE));
        journal.end(run, FAILURE, "DEADLINE_EXCEEDED");

        assertThat(run.runId()).isEqualTo(NO_RUN);
        assertThat(ended(receive("a", NO_RUN, Delivery.REDELIVERED))).isEqualTo(FAILURE);
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void aRunIdOfASucceededRunSentAsAFirstDeliveryDoesNotRunAgain() {
        JobRun run = first("a");
        journal.end(run, SUCCESS, null);

        assertThat(ended(receive("a", run.runId(), Delivery.FIRST))).isEqualTo(SUCCESS);
    }

    @Test
    void aReplayOfADeadLetteredRunOpensItsRowAndNumbersTheAttemptsOn() {
        JobRun run = first("a");
        JobRun third = open(receive("a", run.runId(), Delivery.FROM_WAIT_QUEUE, "ods", new Progress(3, 3, 0, null)));
        journal.end(third, DEAD_LETTER, "TIMEOUT");

        JobRun replayed = open(receive("a", run.runId(), Delivery.FIRST));

        assertThat(replayed.runId()).isEqualTo(run.runId());
        assertThat(replayed.progress()).isEqualTo(new Progress(4, 3 + MAX_ATTEMPTS, 0, null));
        assertThat(column("outcome", run)).isEqualTo("null");
        assertThat(column("dead_lettered", run)).isIn("false", "FALSE", "0");
        assertThat(rows()).isEqualTo(1);
    }

    /** The server could not be reached when the replayed message was received first, and another attempt has failed since. */
    @Test
    void aReplayThatWaitedOpensItsRowAndGoesOnAfterItsFailedAttempt() {
        JobRun run = first("a");
        journal.end(run, DEAD_LETTER, "TIMEOUT");
        Progress later = new Progress(3, 2 + MAX_ATTEMPTS, 0, null);

        JobRun replayed = open(receive("a", run.runId(), Delivery.REPLAY_FROM_WAIT_QUEUE, "ods", later));

        assertThat(replayed.progress()).isEqualTo(later);
        assertThat(column("attempt", run)).isEqualTo("3");
    }

    @Test
    void aReplayedRunKeepsTheTimeOfItsFirstReceipt() {
        JobRun run = open(receive("a", null, Delivery.FROM_WAIT_QUEUE, "ods", FIRST, Duration.ofHours(1)));
        journal.end(run, DEAD_LETTER, "TIMEOUT");

        JobRun replayed = open(receive("a", run.runId(), Delivery.FIRST));

        assertThat(replayed.age().due()).isZero();
        assertThat(replayed.age().received()).isGreaterThanOrEqualTo(Duration.ofHours(1));
        JobRun redelivered = open(receive("a", run.runId(), Delivery.REDELIVERED));
        assertThat(redelivered.age().due()).isLessThan(Duration.ofHours(1));
        assertThat(redelivered.age().received()).isGreaterThanOrEqualTo(Duration.ofHours(1));
    }

    /** It says when the message was received, by which a later job for the database supersedes this one. */
    @Test
    void theRowOfALostDeliveryStaysForTheNextDelivery() {
        first("a");
        journal.end(first("a"), SUCCESS, null);
        JobRun lost = open(receive("b", null, Delivery.FIRST));
        journal.giveUp(lost, Duration.ofMinutes(1));

        JobRun next = open(receive("b", null, Delivery.REDELIVERED));
        assertThat(next.runId()).isEqualTo(lost.runId());
        assertThat(next.crashes()).isZero();
    }

    @Test
    void theRowOfALostDeliveryIsRemovedIfTheNextDeliveryAlreadyHasARow() {
        JobRun next = open(receive("a", null, Delivery.REDELIVERED));
        journal.end(next, SUCCESS, null);
        JobRun lost = first("a");
        journal.giveUp(lost, Duration.ofMinutes(1));

        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void theRowOfALostDeliveryIsLeftToTheDeliveryThatHasClaimedIt() {
        JobRun lost = first("a");
        JobRun claimed = open(receive("a", null, Delivery.REDELIVERED));
        journal.giveUp(lost, Duration.ofMinutes(1));

        assertThat(column("claim", claimed)).isEqualTo(claimed.claim());
    }

    /** A job that waits inside its worker has no claim either. */
    @Test
    void aRedeliveryDoesNotTakeTheRowOfAJobOfTheSameBytesThatWaitsInItsWorker() {
        JobRun waiting = first("a");
        journal.releaseClaim(waiting);
        JobRun crashed = first("a");

        assertThat(open(receive("a", null, Delivery.REDELIVERED)).runId()).isEqualTo(crashed.runId());
        assertThat(journal.takeClaimBack(waiting)).isEqualTo(Journal.Ending.WRITTEN);
    }

    @Test
    void aRedeliveryOfADeadLetteredRunGetsItsResultAndDoesNotOpenIt() {
        JobRun run = first("a");
        journal.end(run, DEAD_LETTER, "TIMEOUT");

        assertThat(ended(receive("a", run.runId(), Delivery.REDELIVERED))).isEqualTo(DEAD_LETTER);
        assertThat(ended(receive("a", null, Delivery.REDELIVERED))).isEqualTo(DEAD_LETTER);
        assertThat(column("outcome", run)).isEqualTo("Error");
    }

    @Test
    void aMessageFromAWaitQueueOfADeadLetteredRunDoesNotOpenIt() {
        JobRun run = first("a");
        journal.end(run, DEAD_LETTER, "TIMEOUT");

        assertThat(ended(receive("a", run.runId(), Delivery.FROM_WAIT_QUEUE))).isEqualTo(DEAD_LETTER);
        assertThat(column("outcome", run)).isEqualTo("Error");
    }

    @Test
    void aRedeliveryOfAReplayThatHasEndedGetsTheNewResult() {
        JobRun run = first("a");
        journal.end(run, DEAD_LETTER, "TIMEOUT");
        journal.end(open(receive("a", run.runId(), Delivery.FIRST)), SUCCESS, null);

        assertThat(ended(receive("a", run.runId(), Delivery.REDELIVERED))).isEqualTo(SUCCESS);
    }

    @Test
    void aDeliveryThatHasLostItsClaimCanNeitherStartNorDeferNorEnd() {
        JobRun lost = first("a");
        JobRun current = open(receive("a", null, Delivery.REDELIVERED));

        assertThat(start(lost, "17")).isEqualTo(Journal.Start.CLAIM_LOST);
        assertThat(journal.defer(lost, FIRST, "TIMEOUT", Instant.EPOCH)).isEqualTo(Journal.Ending.NOT_WRITTEN);
        assertThat(journal.end(lost, FAILURE, "TIMEOUT")).isEqualTo(Journal.Ending.NOT_WRITTEN);
        assertThat(column("outcome", current)).isEqualTo("null");
        assertThat(column("before_identity", current)).isEqualTo("null");
        assertThat(column("claim", current)).isEqualTo(current.claim());
        assertThat(start(current, null)).isEqualTo(Journal.Start.STARTED);
    }

    /** The other one could change nothing without the lock. */
    @Test
    void aSuccessUnderTheLockIsWrittenThoughAnotherDeliveryHasTheClaim() {
        JobRun first = first("a");
        JobRun second = open(receive("a", null, Delivery.REDELIVERED));

        assertThat(endUnderLock(first)).isEqualTo(Journal.Ending.WRITTEN);

        assertThat(start(second, null)).isEqualTo(Journal.Start.CLAIM_LOST);
        assertThat(ended(receive("a", null, Delivery.REDELIVERED))).isEqualTo(SUCCESS);
    }

    @Test
    void aSecondEndDoesNotReplaceTheFirst() {
        JobRun run = first("a");
        assertThat(journal.end(run, FAILURE, "TIMEOUT")).isEqualTo(Journal.Ending.WRITTEN);

        assertThat(journal.end(run, SUCCESS, null)).isEqualTo(Journal.Ending.NOT_WRITTEN);
        assertThat(endUnderLock(run)).isEqualTo(Journal.Ending.NOT_WRITTEN);
        assertThat(column("outcome", run)).isEqualTo("Error");
    }

    @Test
    void anEndInATransactionThatIsRolledBackIsNotWritten() throws Exception {
        JobRun run = first("a");
        try (InstanceLock lock = lock()) {
            store().sessionOf(lock).setAutoCommit(false);
            assertThat(journal.endUnderLock(lock, run, SUCCESS)).isEqualTo(Journal.Ending.WRITTEN);
            store().sessionOf(lock).rollback();
            store().sessionOf(lock).setAutoCommit(true);
        }

        assertThat(column("outcome", run)).isEqualTo("null");
        assertThat(column("claim", run)).isEqualTo(run.claim());
    }

    @Test
    void aRunIsSupersededByALaterOneForTheSameDatabaseThatHasSucceeded() {
        JobRun early = first("early");
        JobRun late = first("late");
        assertThat(start(early, null)).as("while the later one is open").isEqualTo(Journal.Start.STARTED);

        journal.end(late, SUCCESS, null);

        assertThat(start(early, "17")).isEqualTo(Journal.Start.SUPERSEDED);
        assertThat(column("before_identity", early)).isEqualTo("null");
    }

    @Test
    void aRunIsNotSupersededByAFailureAnEarlierRunOrAnotherDatabase() {
        JobRun earlier = first("earlier");
        JobRun run = first("run");
        journal.end(earlier, SUCCESS, null);
        journal.end(first("failed later"), FAILURE, "NOT_MANAGED");
        journal.end(open(receive("elsewhere", null, Delivery.FIRST, "other", FIRST)), SUCCESS, null);

        assertThat(start(run, null)).isEqualTo(Journal.Start.STARTED);
    }

    @Test
    void aLostClaimIsReportedBeforeSuperseded() {
        JobRun lost = first("early");
        open(receive("early", null, Delivery.REDELIVERED));
        journal.end(first("late"), SUCCESS, null);

        assertThat(start(lost, null)).isEqualTo(Journal.Start.CLAIM_LOST);
    }

    @Test
    void theIdentityOfADatabaseToDropIsRecordedForTheNextDelivery() {
        JobRun run = first("a");
        assertThat(run.startedDrop()).isNull();
        start(run, "4711");

        JobRun again = open(receive("a", null, Delivery.REDELIVERED));
        assertThat(again.startedDrop().identity()).isEqualTo("4711");
        assertThat(again.startedDrop().age()).isBetween(Duration.ZERO, Duration.ofMinutes(5));
        start(again, null);
        assertThat(open(receive("a", null, Delivery.REDELIVERED)).startedDrop().identity())
                .isEqualTo("4711");
    }

    @Test
    void onlyARedeliveryOfAClaimedRunCountsAsACrash() {
        JobRun run = first("a");
        JobRun second = open(receive("a", null, Delivery.REDELIVERED));
        assertThat(second.crashes()).isEqualTo(1);
        assertThat(second.crashedOwner()).isEqualTo(store().owner());

        journal.defer(second, new Progress(1, MAX_ATTEMPTS, 1, null), null, Instant.now());
        JobRun returned = open(receive("a", run.runId(), Delivery.FROM_WAIT_QUEUE));
        assertThat(returned.crashes()).as("a return from a wait queue").isEqualTo(1);
        assertThat(returned.crashedOwner()).isNull();
        assertThat(returned.progress().waits()).isEqualTo(1);

        journal.defer(returned, returned.progress(), null, Instant.now());
        JobRun notCrashed = open(receive("a", run.runId(), Delivery.REDELIVERED));
        assertThat(notCrashed.crashes())
                .as("a redelivery after the claim was given back")
                .isEqualTo(1);
        assertThat(notCrashed.crashedOwner()).isNull();
    }

    @Test
    void theNextDeliveryKnowsTheSessionOwnerOfTheCrashedWorker() {
        first("a");
        try (InstanceProvisioner other = bench.anotherProvisioner()) {
            String crashed = store().owner();
            journal = new Journal(other.journal().orElseThrow(), MAX_ATTEMPTS);

            JobRun takenOver = open(receive("a", null, Delivery.REDELIVERED));

            assertThat(takenOver.crashedOwner()).isEqualTo(crashed);
            assertThat(column("owner", takenOver)).isNotEqualTo(crashed);
        }
    }

    @Test
    void aDeferredRunContinuesWithItsProgress() {
        JobRun run = first("a");
        Instant failure = Instant.parse("2026-11-20T10:00:00Z");
        Progress next = new Progress(2, MAX_ATTEMPTS, 0, failure);
        assertThat(journal.defer(run, next, "DISK_FULL", failure)).isEqualTo(Journal.Ending.WRITTEN);
        assertThat(column("claim", run)).isEqualTo("null");

        JobRun again = open(receive("a", run.runId(), Delivery.FROM_WAIT_QUEUE));

        assertThat(again.progress()).isEqualTo(next);
        assertThat(again.lastError()).isEqualTo("DISK_FULL");
        assertThat(column("next_attempt_at", run)).isEqualTo("null");
    }

    /** The journal could not be reached when the attempt had failed, so the message carries what is further. */
    @Test
    void theProgressOfTheMessageCountsIfItIsLaterThanTheRow() {
        JobRun run = first("a");
        Progress carried = new Progress(2, MAX_ATTEMPTS, 4, null);

        assertThat(open(receive("a", run.runId(), Delivery.FROM_WAIT_QUEUE, "ods", carried))
                        .progress())
                .isEqualTo(carried);
        assertThat(open(receive("a", run.runId(), Delivery.FROM_WAIT_QUEUE)).progress())
                .isEqualTo(carried);
    }

    @Test
    void oldRowsOfEndedRunsAreRemovedAndOpenRunsStayForTheLongestDeadline() {
        JobRun old = first("old");
        JobRun oldOpen = first("old, open");
        JobRun lostLongAgo = first("lost");
        JobRun young = first("young");
        journal.end(old, SUCCESS, null);
        journal.end(young, SUCCESS, null);
        age(old, 31);
        age(oldOpen, 31);
        age(lostLongAgo, 61);

        assertThat(journal.removeOlderThan(Duration.ofDays(30))).isEqualTo(2);

        assertThat(column("job_id", old)).isEmpty();
        assertThat(column("job_id", lostLongAgo)).isEmpty();
        assertThat(column("job_id", oldOpen)).isEqualTo("job-old, open");
        assertThat(column("job_id", young)).isEqualTo("job-young");
    }

    private void age(JobRun run, int days) {
        bench.changeJournal("UPDATE job_run SET received_at = '"
                + Instant.now().minus(Duration.ofDays(days)).truncatedTo(ChronoUnit.MILLIS) + "' WHERE run_id = '"
                + run.runId() + "'");
    }
}
