package io.instanceworker.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpansTest {

    /** Two places that are always taken: one job ends every 50 ms. */
    private static final Spans STEADY = new Spans(IntStream.range(0, 100)
            .mapToObj(i -> new Span(i * 50, i * 50 + 100))
            .toList());

    @Test
    void theRateIsCountedFromTheFirstStartToTheLastEnd() {
        assertThat(new Spans(List.of(new Span(1_000, 1_500), new Span(1_200, 3_000))).rate())
                .isEqualTo(1.0);
    }

    @Test
    void workThatOverlapsIsNeverIdle() {
        assertThat(STEADY.longestIdleMillis()).isZero();
        assertThat(STEADY.longestGapMillis(2)).isEqualTo(50);
        assertThat(STEADY.medianMillis()).isEqualTo(100);
    }

    @Test
    void aTimeWithoutRunningJobsIsIdle() {
        Spans paused = new Spans(List.of(new Span(0, 100), new Span(20, 110), new Span(400, 500), new Span(410, 520)));

        assertThat(paused.longestIdleMillis()).isEqualTo(290);
        assertThat(paused.longestGapMillis(1)).isEqualTo(390);
    }

    @Test
    void theEndOfABacklogIsNotIdle() {
        Spans spans = new Spans(List.of(new Span(0, 10), new Span(0, 12), new Span(12, 900)));

        assertThat(spans.longestGapMillis(1)).isEqualTo(2);
    }

    @Test
    void steadyWorkIsAsFastAtItsEndAsNearItsStart() {
        assertThat(STEADY.lastOverSecond()).isEqualTo(1.0);
        assertThat(STEADY.rates()).hasSize(20).last().isEqualTo(new Series.Point(100, 20));
    }

    @Test
    void workThatSlowsDownShowsInItsLastPart() {
        Spans slower = new Spans(IntStream.rangeClosed(1, 100)
                .mapToObj(i -> new Span(i == 1 ? 0 : (i - 1) * (i - 1), i * i))
                .toList());

        assertThat(slower.lastOverSecond()).isLessThan(0.1);
    }

    @Test
    void aSingleJobHasNoRate() {
        assertThatThrownBy(() -> new Spans(List.of(new Span(0, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Of 1 pieces");
    }
}
