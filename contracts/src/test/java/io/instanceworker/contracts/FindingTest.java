package io.instanceworker.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Finding.Level;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FindingTest {

    private static final Instant BEFORE = Instant.parse("2026-11-20T10:00:00Z");
    private static final Instant AFTER = BEFORE.plusSeconds(60);

    @Test
    void onlyAClockThatDiffersByMoreThanTheTimeOfTheQueryAndFiveSecondsIsAWarning() {
        assertThat(Finding.ofClock(BEFORE.minusSeconds(5), BEFORE, AFTER).level())
                .isEqualTo(Level.OK);
        assertThat(Finding.ofClock(BEFORE.plusSeconds(30), BEFORE, AFTER).level())
                .isEqualTo(Level.OK);
        assertThat(Finding.ofClock(AFTER.plusSeconds(5), BEFORE, AFTER).level()).isEqualTo(Level.OK);
        assertThat(Finding.ofClock(BEFORE.minusSeconds(7), BEFORE, AFTER))
                .matches(finding ->
                        finding.level() == Level.WARNING && finding.text().contains("7 s behind"));
        assertThat(Finding.ofClock(AFTER.plusSeconds(8), BEFORE, AFTER).text()).contains("8 s ahead of");
    }
}
