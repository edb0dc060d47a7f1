package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.OwnershipMark;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A recorder that ends elsewhere than at the truth is noticed. */
class RecordingsTest extends PublishedFixture {

    @Test
    void aRecorderThatEndsAtTheRealStateIsNoViolation() {
        events.add(inProgress("one", 1, 0));
        events.add(done("one", Operation.ADD, 1, 0, 1, true));
        events.add(done("two", Operation.DELETE, 1, 2, 3, true));
        events.add(error("three", ErrorCode.INSTANCE_CONFLICT, 1, 4));

        assertThat(recorded(false)).isEmpty();
    }

    @Test
    void aRecorderWithAMissingDatabaseIsAViolation() {
        events.add(done("one", Operation.ADD, 1, 0, 1, true));

        assertThat(recorded(true)).isEmpty();
        assertThat(recorded(false))
                .containsExactly("in the order of arrival, a recorder ends at one/1/Created for the instance 42, whose"
                        + " database is not there");
    }

    @Test
    void aRecorderWithoutAnExistingDatabaseIsAViolation() {
        events.add(done("one", Operation.DELETE, 1, 0, 1, true));

        assertThat(recorded(true))
                .containsExactly(
                        "in the order of arrival, a recorder ends at one/1/Deleted for the instance 42, whose database is"
                                + " there");
    }

    @Test
    void aRecorderThatEndsAtAFailedAttemptIsAViolation() {
        events.add(failed("one", 1, 0));

        assertThat(recorded(false))
                .containsExactly(
                        "in the order of arrival, a recorder ends at one/1/CreateFailed for the instance 42, whose"
                                + " database is not there");
    }

    @Test
    void eventsThatContradictEachOtherAreAViolation() {
        events.add(done("one", Operation.ADD, 1, 0, 1, true));
        events.add(done("one", Operation.DELETE, 1, 0, 1, true));

        assertThat(recorded(true))
                .anySatisfy(violation ->
                        assertThat(violation).startsWith("in the order of arrival, one/1/Deleted contradicts"));
    }

    /** The second message of the job found the database made again by another; both count their attempts from 1. */
    @Test
    void twoEndsOfAJobThatWasPublishedTwiceAreCheckedOnlyInOrderOfArrival() {
        events.add(done("one", Operation.DELETE, 1, 0, 1, true));
        events.add(done("two", Operation.ADD, 1, 2, 3, true));
        events.add(error("one", ErrorCode.INSTANCE_CONFLICT, 1, 4));
        jobs.add(new SentJob("one", Operation.DELETE, INSTANCE, null, 1));
        assertThat(recorded(true)).isNotEmpty();

        jobs.set(0, jobs.get(0).published(2));
        assertThat(recorded(true)).isEmpty();
    }

    private List<String> recorded(boolean present) {
        OwnershipMark mark = new OwnershipMark("42", null, "one", Operation.ADD, null, null, DAWN);
        return Recordings.violations(evidence(), present ? List.of(mark) : List.of());
    }
}
