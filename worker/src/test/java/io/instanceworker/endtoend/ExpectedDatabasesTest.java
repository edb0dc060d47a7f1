package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import io.instanceworker.endtoend.ExpectedDatabases.Presence;
import org.junit.jupiter.api.Test;

/** From when to when which job had a database tells whether it is there. */
class ExpectedDatabasesTest extends PublishedFixture {

    @Test
    void aDatabaseIsExpectedIfItWasCreatedAfterItsDelete() {
        events.add(done("first", Operation.ADD, 1, 0, 1, true));
        assertThat(presence()).isEqualTo(Presence.REQUIRED);
        events.add(done("gone", Operation.DELETE, 1, 2, 3, true));
        assertThat(presence()).isEqualTo(Presence.FORBIDDEN);
        events.add(0, done("second", Operation.COPY, 1, 4, 5, true));
        assertThat(presence()).isEqualTo(Presence.REQUIRED);
        events.add(done("beside", Operation.DELETE, 1, 4, 5, true));
        assertThat(presence()).isEqualTo(Presence.UNDECIDED);
        assertThat(new ExpectedDatabases(evidence()).of("ods_43")).isEqualTo(Presence.FORBIDDEN);
    }

    @Test
    void aDatabaseCreatedTwiceWithoutADeleteIsAViolation() {
        sent("one", Operation.ADD);
        events.add(done("one", Operation.ADD, 1, 0, 1, true));
        sent("two", Operation.ADD);
        events.add(done("two", Operation.ADD, 1, 2, 3, true));

        assertThat(new ExpectedDatabases(evidence()).violations())
                .containsExactly("ods_42 was made by each of [one, two], and there were only 0 jobs to delete it");
        sent("between", Operation.DELETE);
        assertThat(new ExpectedDatabases(evidence()).violations()).isEmpty();
    }

    private Presence presence() {
        return new ExpectedDatabases(evidence()).of("ods_42");
    }
}
