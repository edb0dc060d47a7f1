package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each violation that events and queues can show is found, and what is right is not one. */
class PublishedEndsTest extends PublishedFixture {

    @Test
    void jobsThatEndAsTheyShouldAreNoViolation() {
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

        assertThat(PublishedEnds.violations(evidence())).isEmpty();
    }

    @Test
    void aJobWithoutATerminalEventIsAViolation() {
        sent("lost", Operation.ADD);
        events.add(inProgress("lost", 1, 0));

        assertThat(violations()).containsExactly("lost has no terminal event, only [lost/1/CreateInProgress]");
    }

    @Test
    void aJobWithoutAnyEventIsAViolation() {
        sent("vanished", Operation.INFO);

        assertThat(violations()).containsExactly("vanished has no terminal event, only []");
    }

    @Test
    void twoEndsOfAJobThatWasPublishedOnceAreAViolation() {
        sent("twice", Operation.ADD);
        events.add(error("twice", ErrorCode.INSTANCE_CONFLICT, 1, 0));
        events.add(done("twice", Operation.ADD, 1, 2, 3, true));

        assertThat(violations())
                .containsExactly("twice, published 1 times, has ended as [twice/1/CreateError, twice/1/Created]");
        jobs.set(0, jobs.get(0).published(2));
        assertThat(violations()).isEmpty();
    }

    @Test
    void twoDifferentEventsWithTheSameIdAreAViolation() {
        sent("either", Operation.ADD);
        events.add(done("either", Operation.ADD, 1, 0, 1, true));
        events.add(done("either", Operation.ADD, 1, 0, 1, false));
        sent("or", Operation.ADD);
        events.add(error("or", ErrorCode.INSTANCE_CONFLICT, 1, 0));
        events.add(error("or", ErrorCode.SOURCE_NOT_FOUND, 1, 0));

        assertThat(violations())
                .containsExactly(
                        "either/1/Created was told as SUCCEEDED, changed and as SUCCEEDED",
                        "or/1/CreateError was told as ERROR, INSTANCE_CONFLICT and as ERROR, SOURCE_NOT_FOUND");
    }

    @Test
    void aFailedJobThatIsNotDeadLetteredIsAViolation() {
        sent("given-up", Operation.ADD);
        events.add(error("given-up", ErrorCode.INTERNAL_ERROR, 1, 0));
        jobs.add(new SentJob("refused", null, InstanceRef.NONE, null, 1));
        events.add(rejected("refused"));

        assertThat(violations())
                .containsExactly(
                        "given-up ended as INTERNAL_ERROR and is not in the dead queue",
                        "refused ended as MALFORMED_MESSAGE and is not in the dead queue");
    }

    @Test
    void aDeadLetterOfASucceededJobIsAViolation() {
        sent("done", Operation.ADD);
        events.add(done("done", Operation.ADD, 1, 0, 1, true));
        dead.add(dead("done", ErrorCode.INTERNAL_ERROR));

        assertThat(violations())
                .containsExactly("done is in the dead queue as INTERNAL_ERROR, and was told as [done/1/Created]");
    }

    @Test
    void aDeadLetterWithoutAnErrorCodeIsAViolation() {
        noJobs.add("{");
        dead.add(message("{", Map.of()));
        sent("done", Operation.ADD);
        events.add(done("done", Operation.ADD, 1, 0, 1, true));
        dead.add(message("{\"jobId\":\"done\"}", Map.of("x-first-death-reason", "delivery_limit")));

        assertThat(violations())
                .containsExactly(
                        "\"{\" is in the dead queue without a reason",
                        "the dead queue holds what nobody sent, or what nobody gave a reason: {\"jobId\":\"done\"}");
    }

    @Test
    void aMessageThatIsNoJobAndIsNotDeadLetteredIsAViolation() {
        noJobs.add("{");

        assertThat(violations()).containsExactly("\"{\" is no job and is not in the dead queue");
    }

    @Test
    void aMessageThatIsStillInAQueueIsAViolation() {
        depths.put("instance.jobs.query", 0L);
        depths.put("instance.jobs.wait.5s", 1L);

        assertThat(violations()).containsExactly("instance.jobs.wait.5s still holds 1 messages");
    }

    @Test
    void anEventOfAJobThatWasNotSentIsAViolation() {
        events.add(done("ghost", Operation.ADD, 1, 0, 1, true));

        assertThat(violations()).containsExactly("ghost/1/Created is told of a job that nobody sent");
    }

    @Test
    void aSequenceThatDoesNotMatchTheAttemptIsAViolation() {
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
                        1200,
                        right.startedAt(),
                        right.finishedAt(),
                        "worker",
                        null,
                        null),
                true,
                StateReport.of(InstanceState.ONLINE),
                null,
                null,
                null)));

        assertThat(violations()).containsExactly("late/1/Created has the sequence 1200");
    }

    @Test
    void aGapBetweenAttemptsIsAViolation() {
        sent("gap", Operation.ADD);
        events.add(failed("gap", 1, 0));
        events.add(failed("gap", 3, 1));
        events.add(done("gap", Operation.ADD, 3, 2, 3, true));
        sent("early", Operation.ADD);
        events.add(done("early", Operation.ADD, 3, 0, 1, true));
        sent("over", Operation.ADD);
        events.add(failed("over", 1, 0));
        events.add(failed("over", 2, 0));
        events.add(done("over", Operation.ADD, 1, 2, 3, true));

        assertThat(violations())
                .containsExactly(
                        "gap has failed at the attempts [1, 3] and ended at attempt 3",
                        "early ended at attempt 3 after 0 failures",
                        "over ended at attempt 1 and was told of 2");
    }

    @Test
    void aQueryAnsweredByTwoWorkersIsNoViolation() {
        sent("asked", Operation.INFO);
        events.add(done("asked", Operation.INFO, 1, 1, 2, false));
        events.add(done("asked", Operation.INFO, 2, 2, 3, false));

        assertThat(violations()).isEmpty();
    }

    @Test
    void aFailureMissingInTheJournalMayBeCountedAgain() {
        sent("unreached", Operation.ADD);
        events.add(failed("unreached", ErrorCode.SERVER_UNAVAILABLE, 1, 0));
        events.add(done("unreached", Operation.ADD, 1, 2, 3, true));
        sent("counted", Operation.ADD);
        events.add(failed("counted", 1, 0));
        events.add(done("counted", Operation.ADD, 1, 2, 3, true));

        assertThat(violations()).containsExactly("counted has failed at the attempts [1] and ended at attempt 1");
    }

    private List<String> violations() {
        return PublishedEnds.violations(evidence());
    }
}
