package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.job.ReadJob;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A seed can be given again. */
class ChaosPlanTest {

    private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    @Test
    void theSameSeedGivesTheSamePlan() {
        assertThat(ChaosPlan.of(7, ChaosForm.LONG, START)).isEqualTo(ChaosPlan.of(7, ChaosForm.LONG, START));
        assertThat(ChaosPlan.of(7, ChaosForm.LONG, START)).isNotEqualTo(ChaosPlan.of(8, ChaosForm.LONG, START));
    }

    @Test
    void aPlanHasAllFaultsAndEnoughJobs() {
        ChaosPlan plan = ChaosPlan.of(7, ChaosForm.LONG, START);

        for (ChaosFault.Kind kind : ChaosFault.Kind.values()) {
            assertThat(plan.faults().get(kind.lane()))
                    .filteredOn(fault -> fault.kind() == kind)
                    .hasSize(kind.times(ChaosForm.LONG));
        }
        assertThat(plan.posts()).hasSizeGreaterThan(ChaosForm.LONG.jobs());
        assertThat(plan.posts())
                .map(ChaosPost::read)
                .hasAtLeastOneElementOfType(ReadJob.Refused.class)
                .hasAtLeastOneElementOfType(ReadJob.Accepted.class);
    }
}
