package io.instanceworker.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The demo must notice a wrong answer. */
class AnswerTest {

    private static final String BEGUN = "InProgress CreateInProgress";
    private static final String CREATED = "Succeeded Created";

    private final Answer answer = new Answer();

    @Test
    void aRightAnswerHasNoDifferences() {
        hear(OutcomeKind.IN_PROGRESS);
        assertThat(answer.isComplete()).isFalse();
        hear(OutcomeKind.SUCCEEDED);

        answer.expectEvents(BEGUN, CREATED);
        answer.expect("changed", true, true);

        assertThat(answer.isComplete()).isTrue();
        assertThat(answer.mistakes()).isEmpty();
    }

    @Test
    void aMissingEventIsReported() {
        hear(OutcomeKind.SUCCEEDED);

        answer.expectEvents(BEGUN, CREATED);

        assertThat(answer.mistakes())
                .containsExactly("the events are [Succeeded Created] and should be [" + BEGUN + ", " + CREATED + "]");
    }

    @Test
    void eventsInTheWrongOrderAreReported() {
        hear(OutcomeKind.SUCCEEDED);
        hear(OutcomeKind.IN_PROGRESS);

        answer.expectEvents(CREATED, BEGUN);

        assertThat(answer.mistakes())
                .containsExactly("the sequence goes from " + JobFacts.sequence(1, OutcomeKind.SUCCEEDED) + " to "
                        + JobFacts.sequence(1, OutcomeKind.IN_PROGRESS));
    }

    @Test
    void aWrongValueIsReported() {
        answer.expect("the owner", "instance_worker", null);

        assertThat(answer.mistakes()).containsExactly("the owner is null and should be instance_worker");
    }

    @Test
    void anInconsistentEventIsReported() {
        answer.add(new Received(event(OutcomeKind.SUCCEEDED), List.of("the event's id is wrong")));

        assertThat(answer.mistakes()).containsExactly("the event's id is wrong");
    }

    @Test
    void differencesBetweenTwoDatabasesAreReported() {
        Contents original = new Contents(Map.of("edfi.student", "a", "edfi.school", "b"), 2, "s");

        assertThat(original.differenceTo(original)).isEmpty();
        assertThat(new Contents(Map.of("edfi.student", "x", "edfi.school", "b"), 2, "s").differenceTo(original))
                .isEqualTo("edfi.student");
        assertThat(new Contents(Map.of("edfi.student", "a"), 1, "s").differenceTo(original))
                .isEqualTo("edfi.school");
        assertThat(new Contents(original.tables(), 2, "t").differenceTo(original))
                .isEqualTo("the structure");
    }

    private void hear(OutcomeKind outcome) {
        answer.add(new Received(event(outcome), List.of()));
    }

    private static InstanceStatusEvent event(OutcomeKind outcome) {
        JobFacts facts = new JobFacts(
                "demo-1",
                Operation.ADD,
                "default",
                InstanceRef.NONE,
                1,
                5,
                JobFacts.sequence(1, outcome),
                Instant.EPOCH,
                Instant.EPOCH,
                "worker",
                null,
                null);
        StateReport state = StateReport.of(InstanceState.ONLINE);
        return InstanceStatusEvent.of(
                outcome == OutcomeKind.IN_PROGRESS
                        ? new JobResult.InProgress(facts, state)
                        : new JobResult.Succeeded(facts, true, state, null, null, null),
                Instant.EPOCH);
    }
}
