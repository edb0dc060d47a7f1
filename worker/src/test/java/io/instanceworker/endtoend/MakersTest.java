package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import org.junit.jupiter.api.Test;

class MakersTest extends PublishedFixture {

    @Test
    void aDatabaseCreatedTwiceWithoutADeleteIsAViolation() {
        sent("one", Operation.ADD);
        events.add(done("one", Operation.ADD, 1, 0, 1, true));
        sent("two", Operation.ADD);
        events.add(done("two", Operation.ADD, 1, 2, 3, true));

        assertThat(new Makers(evidence()).of("ods_42")).containsExactly("one", "two");
        assertThat(new Makers(evidence()).violations())
                .containsExactly("ods_42 was made by each of [one, two], and there were only 0 jobs to delete it");
        sent("between", Operation.DELETE);
        assertThat(new Makers(evidence()).violations()).isEmpty();
    }
}
