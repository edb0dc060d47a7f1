package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.endtoend.ToldDatabases.Presence;
import io.instanceworker.testing.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Each violation that events and queues can show is found, and what is right is not one. */
class InvariantsTest {

    private static final Instant DAWN = Instant.parse("2026-11-20T06:00:00Z");
    private static final InstanceRef INSTANCE = new InstanceRef("42", null, null, "ods_42");

    private final List<SentJob> jobs = new ArrayList<>();
    private final List<String> noJobs = new ArrayList<>();
    private final List<InstanceStatusEvent> events = new ArrayList<>();
    private final List<QueuedMessage> dead = new ArrayList<>();
    private final Map<String, Long> depths = new TreeMap<>();

    @Test
    void nothingIsWrongWithJobsThatEndAsTheyShould() {
        sent("made", Operation.ADD);
        events.add(inProgress("made", 1, 0));
        events.add(failed("made", 1, 1));
        events.add(inProgress("made", 2, 2));
        events.add(done("made", Operation.ADD, 2, 2, 3, true));
        events.add(done("made", Operation.ADD, 2, 2, 3, true));
        sent("given-up", Operation.ADD);
        events.add(error("given-up", ErrorCode.INTERNAL_ERROR, 1, 4));
        dead.add(dead("given-up", ErrorCode.INTERNAL_ERROR));
        jobs.add(new SentJob("refused", null, InstanceRef.NONE, null, 1));
        events.add(rejected("refused"));
        dead.add(dead("refused", ErrorCode.MALFORMED_MESSAGE));
        noJobs.add("{");
        dead.add(message("{", Map.of("iw-error-code", "MALFORMED_MESSAGE")));
        depths.put("instance.jobs.provision", 0L);

        assertThat(ToldEnds.violations(evidence())).isEmpty();
    }

    @Test
    void aJobWithoutAnEnd() {
        sent("lost", Operation.ADD);
        events.add(inProgress("lost", 1, 0));

        assertThat(told()).containsExactly("lost has no terminal event, only [lost/1/CreateInProgress]");
    }

    @Test
    void aJobThatVanished() {
        sent("vanished", Operation.INFO);

        assertThat(told()).containsExactly("vanished has no terminal event, only []");
    }

    @Test
    void twoEndsOfOneJob() {
        sent("twice", Operation.ADD);
        events.add(error("twice", ErrorCode.INSTANCE_CONFLICT, 1, 0));
        events.add(done("twice", Operation.ADD, 1, 2, 3, true));

        assertThat(told())
                .containsExactly("twice, published 1 times, has ended as [twice/1/CreateError, twice/1/Created]");
        jobs.set(0, jobs.get(0).published(2));
        assertThat(told()).isEmpty();
    }

    @Test
    void oneEndToldInTwoWays() {
        sent("either", Operation.ADD);
        events.add(done("either", Operation.ADD, 1, 0, 1, true));
        events.add(done("either", Operation.ADD, 1, 0, 1, false));
        sent("or", Operation.ADD);
        events.add(error("or", ErrorCode.INSTANCE_CONFLICT, 1, 0));
        events.add(error("or", ErrorCode.SOURCE_NOT_FOUND, 1, 0));

        assertThat(told())
                .containsExactly(
                        "either/1/Created was told as SUCCEEDED, changed and as SUCCEEDED",
                        "or/1/CreateError was told as ERROR, INSTANCE_CONFLICT and as ERROR, SOURCE_NOT_FOUND");
    }

    @Test
    void aJobThatWasGivenUpAndNotKept() {
        sent("given-up", Operation.ADD);
        events.add(error("given-up", ErrorCode.INTERNAL_ERROR, 1, 0));
        jobs.add(new SentJob("refused", null, InstanceRef.NONE, null, 1));
        events.add(rejected("refused"));

        assertThat(told())
                .containsExactly(
                        "given-up ended as INTERNAL_ERROR and is not in the dead queue",
                        "refused ended as MALFORMED_MESSAGE and is not in the dead queue");
    }

    @Test
    void aDeadLetterOfAJobThatWasDone() {
        sent("done", Operation.ADD);
        events.add(done("done", Operation.ADD, 1, 0, 1, true));
        dead.add(dead("done", ErrorCode.INTERNAL_ERROR));

        assertThat(told())
                .containsExactly("done is in the dead queue as INTERNAL_ERROR, and was told as [done/1/Created]");
    }

    @Test
    void deadLettersWithoutAReason() {
        noJobs.add("{");
        dead.add(message("{", Map.of()));
        sent("done", Operation.ADD);
        events.add(done("done", Operation.ADD, 1, 0, 1, true));
        dead.add(message("{\"jobId\":\"done\"}", Map.of("x-first-death-reason", "delivery_limit")));

        assertThat(told())
                .containsExactly(
                        "\"{\" is in the dead queue without a reason",
                        "the dead queue holds what nobody sent, or what nobody gave a reason: {\"jobId\":\"done\"}");
    }

    @Test
    void whatIsNoJobAndWasThrownAway() {
        noJobs.add("{");

        assertThat(told()).containsExactly("\"{\" is no job and is not in the dead queue");
    }

    @Test
    void messagesThatAreStillSomewhere() {
        depths.put("instance.jobs.query", 0L);
        depths.put("instance.jobs.wait.5s", 1L);

        assertThat(told()).containsExactly("instance.jobs.wait.5s still holds 1 messages");
    }

    @Test
    void anEventOfNobody() {
        events.add(done("ghost", Operation.ADD, 1, 0, 1, true));

        assertThat(told()).containsExactly("ghost/1/Created is told of a job that nobody sent");
    }

    @Test
    void aSequenceThatIsNotTheAttempts() {
        sent("late", Operation.ADD);
        JobFacts right = facts("late", Operation.ADD, OutcomeKind.SUCCEEDED, 1, 0, 1);
        events.add(event(new JobResult.Succeeded(
                new JobFacts(
                        "late",
                        Operation.ADD,
                        "default",
                        INSTANCE,
                        1,
                        5,
                        10,
                        right.startedAt(),
                        right.finishedAt(),
                        "worker",
                        null),
                true,
                StateReport.of(InstanceState.ONLINE),
                null,
                null,
                null)));

        assertThat(told()).containsExactly("late/1/Created has the sequence 10");
    }

    @Test
    void attemptsThatDoNotFollowEachOther() {
        sent("gap", Operation.ADD);
        events.add(failed("gap", 1, 0));
        events.add(failed("gap", 3, 1));
        events.add(done("gap", Operation.ADD, 3, 2, 3, true));
        sent("early", Operation.ADD);
        events.add(done("early", Operation.ADD, 2, 0, 1, true));
        sent("over", Operation.ADD);
        events.add(failed("over", 1, 0));
        events.add(failed("over", 2, 0));
        events.add(done("over", Operation.ADD, 1, 2, 3, true));

        assertThat(told())
                .containsExactly(
                        "gap has failed at the attempts [1, 3]",
                        "early ended at attempt 2 after 0 failures",
                        "over ended at attempt 1 and was told of 2");
    }

    @Test
    void aDatabaseIsThereIfItWasMadeAfterItWasDeleted() {
        events.add(done("first", Operation.ADD, 1, 0, 1, true));
        assertThat(presence()).isEqualTo(Presence.REQUIRED);
        events.add(done("gone", Operation.DELETE, 1, 2, 3, true));
        assertThat(presence()).isEqualTo(Presence.FORBIDDEN);
        events.add(0, done("second", Operation.COPY, 1, 4, 5, true));
        assertThat(presence()).isEqualTo(Presence.REQUIRED);
        events.add(done("beside", Operation.DELETE, 1, 4, 5, true));
        assertThat(presence()).isEqualTo(Presence.UNDECIDED);
        assertThat(new ToldDatabases(evidence()).of("ods_43")).isEqualTo(Presence.FORBIDDEN);
    }

    @Test
    void aDatabaseThatWasMadeTwice() {
        sent("one", Operation.ADD);
        events.add(done("one", Operation.ADD, 1, 0, 1, true));
        sent("two", Operation.ADD);
        events.add(done("two", Operation.ADD, 1, 2, 3, true));

        assertThat(new ToldDatabases(evidence()).violations())
                .containsExactly("ods_42 was made by each of [one, two], and there were only 0 jobs to delete it");
        sent("between", Operation.DELETE);
        assertThat(new ToldDatabases(evidence()).violations()).isEmpty();
    }

    @Test
    void aRecorderThatEndsAtWhatIsTrue() {
        events.add(inProgress("one", 1, 0));
        events.add(done("one", Operation.ADD, 1, 0, 1, true));
        events.add(done("two", Operation.DELETE, 1, 2, 3, true));
        events.add(error("three", ErrorCode.INSTANCE_CONFLICT, 1, 4));

        assertThat(recorded(false)).isEmpty();
    }

    @Test
    void aRecorderThatBelievesInADatabaseThatIsNotThere() {
        events.add(done("one", Operation.ADD, 1, 0, 1, true));

        assertThat(recorded(true)).isEmpty();
        assertThat(recorded(false))
                .containsExactly("in the order of arrival, a recorder ends at one/1/Created for the instance 42, whose"
                        + " database is not there");
    }

    @Test
    void aRecorderThatBelievesADatabaseGoneThatIsThere() {
        events.add(done("one", Operation.DELETE, 1, 0, 1, true));

        assertThat(recorded(true))
                .containsExactly(
                        "in the order of arrival, a recorder ends at one/1/Deleted for the instance 42, whose database is"
                                + " there");
    }

    @Test
    void aRecorderThatWaitsForEver() {
        events.add(failed("one", 1, 0));

        assertThat(recorded(false))
                .containsExactly(
                        "in the order of arrival, a recorder ends at one/1/CreateFailed for the instance 42, whose"
                                + " database is not there");
    }

    @Test
    void eventsThatContradictEachOther() {
        events.add(done("one", Operation.ADD, 1, 0, 1, true));
        events.add(done("one", Operation.DELETE, 1, 0, 1, true));

        assertThat(recorded(true))
                .anySatisfy(violation ->
                        assertThat(violation).startsWith("in the order of arrival, one/1/Deleted contradicts"));
    }

    private Evidence evidence() {
        return new Evidence(jobs, noJobs, events, dead, depths);
    }

    private List<String> told() {
        return ToldEnds.violations(evidence());
    }

    private Presence presence() {
        return new ToldDatabases(evidence()).of("ods_42");
    }

    private List<String> recorded(boolean present) {
        OwnershipMark mark = new OwnershipMark("42", null, "one", Operation.ADD, null, null, DAWN);
        return Recordings.violations(evidence(), present ? List.of(mark) : List.of());
    }

    private void sent(String jobId, Operation operation) {
        jobs.add(new SentJob(jobId, operation, INSTANCE, null, 1));
    }

    private static JobFacts facts(
            String jobId, @Nullable Operation operation, OutcomeKind outcome, int attempt, int from, int to) {
        return new JobFacts(
                jobId,
                operation,
                "default",
                operation == null ? InstanceRef.NONE : INSTANCE,
                attempt,
                5,
                JobFacts.sequence(attempt, outcome),
                DAWN.plusSeconds(from),
                outcome == OutcomeKind.IN_PROGRESS ? null : DAWN.plusSeconds(to),
                "worker",
                null);
    }

    private static InstanceStatusEvent event(JobResult result) {
        return InstanceStatusEvent.of(result, DAWN);
    }

    private static InstanceStatusEvent inProgress(String jobId, int attempt, int from) {
        return event(new JobResult.InProgress(
                facts(jobId, Operation.ADD, OutcomeKind.IN_PROGRESS, attempt, from, from),
                StateReport.of(InstanceState.BUILDING)));
    }

    private static InstanceStatusEvent done(
            String jobId, Operation operation, int attempt, int from, int to, boolean changed) {
        return event(new JobResult.Succeeded(
                facts(jobId, operation, OutcomeKind.SUCCEEDED, attempt, from, to),
                changed,
                StateReport.of(operation == Operation.DELETE ? InstanceState.NOT_FOUND : InstanceState.ONLINE),
                null,
                null,
                null));
    }

    private static InstanceStatusEvent failed(String jobId, int attempt, int from) {
        return event(new JobResult.Failed(
                facts(jobId, Operation.ADD, OutcomeKind.FAILED, attempt, from, from),
                new JobError(ErrorCode.SOURCE_BUSY, "busy", null, null),
                DAWN));
    }

    private static InstanceStatusEvent error(String jobId, ErrorCode code, int attempt, int from) {
        return event(new JobResult.Error(
                facts(jobId, Operation.ADD, OutcomeKind.ERROR, attempt, from, from),
                new JobError(code, "no", null, null)));
    }

    private static InstanceStatusEvent rejected(String jobId) {
        return event(new JobResult.Rejected(
                facts(jobId, null, OutcomeKind.REJECTED, 0, 0, 0),
                new JobError(ErrorCode.MALFORMED_MESSAGE, "no", null, null)));
    }

    private static QueuedMessage dead(String jobId, ErrorCode code) {
        return message("{}", Map.of("iw-job-id", jobId, "iw-error-code", code.name()));
    }

    private static QueuedMessage message(String body, Map<String, String> headers) {
        ObjectNode properties = JsonMapper.shared().createObjectNode();
        properties.set("headers", JsonMapper.shared().valueToTree(headers));
        return new QueuedMessage(
                Base64.getEncoder().encodeToString(body.getBytes(StandardCharsets.UTF_8)), properties, "", "", false);
    }
}
