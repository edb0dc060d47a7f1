package io.instanceworker.contracts.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.testing.Any;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Events arrive in any order and more than once, and the recorder ends at the truth. */
class RecorderOrderTest {

    @Provide
    Arbitrary<History> oneJob() {
        return Any.arbitrary(any -> History.draw(any, 1));
    }

    @Provide
    Arbitrary<History> severalJobs() {
        return Any.arbitrary(any -> History.draw(any, any.integer(2, 4)));
    }

    @Property
    void eventsOfOneJobInAnyOrderEndAtItsLastEvent(@ForAll("oneJob") History history, @ForAll Random random) {
        assertEndsAtTheTruth(history, random);
    }

    @Property
    void eventsOfSeveralJobsInAnyOrderEndAtTheLastAttempt(
            @ForAll("severalJobs") History history, @ForAll Random random) {
        assertEndsAtTheTruth(history, random);
    }

    @Property
    void noEventAppliesAfterTheLastEventIsRecorded(@ForAll("severalJobs") History history) {
        Recorded truth = Recorded.after(null, history.truth());

        for (InstanceStatusEvent event : history.events()) {
            boolean same = event.id().equals(history.truth().id());
            assertThat(Recorder.decide(truth, event))
                    .isNotEqualTo(Decision.APPLY)
                    .isNotEqualTo(Decision.CONTRADICTION)
                    .matches(decision -> same == (decision == Decision.REPEAT));
        }
    }

    private static void assertEndsAtTheTruth(History history, Random random) {
        List<InstanceStatusEvent> arriving = new ArrayList<>(history.events());
        for (InstanceStatusEvent event : history.events()) {
            Collections.addAll(
                    arriving, Collections.nCopies(random.nextInt(3), event).toArray(InstanceStatusEvent[]::new));
        }
        Collections.shuffle(arriving, random);

        @Nullable Recorded recorded = null;
        @Nullable InstanceStatusEvent applied = null;
        for (InstanceStatusEvent event : arriving) {
            Decision decision = Recorder.decide(recorded, event);
            assertThat(decision).isNotEqualTo(Decision.CONTRADICTION);
            if (decision.isRemembered()) {
                recorded = Recorded.after(recorded, event);
            }
            if (decision == Decision.APPLY) {
                applied = event;
            }
        }
        assertThat(applied.id()).isEqualTo(history.truth().id());
    }
}
