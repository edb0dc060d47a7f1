package io.instanceworker.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RetryPolicyTest {

    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
    private static final Instant FAR = NOW.plus(Duration.ofDays(1));

    private static final Jitter NONE = new Jitter(0, () -> 0.99);

    private final RetryPolicy policy = new RetryPolicy(
            5,
            List.of(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMinutes(2), Duration.ofMinutes(10)),
            NONE);

    private static Delay whole(Duration tier) {
        return new Delay(tier, tier);
    }

    @ParameterizedTest
    @CsvSource({"1, PT5S", "2, PT30S", "3, PT2M", "4, PT10M"})
    void eachAttemptThatIsUsedUpWaitsOneTierLonger(int attempt, Duration delay) {
        assertThat(policy.afterFailure(ErrorCode.DEADLOCK, attempt, 5, true, NOW, FAR))
                .isEqualTo(new RetryDecision.Again(whole(delay), attempt + 1, 5));
    }

    @Test
    void delayStaysAtTheLastTier() {
        RetryPolicy oneTier = new RetryPolicy(5, List.of(Duration.ofSeconds(5)), NONE);
        assertThat(oneTier.afterFailure(ErrorCode.DEADLOCK, 4, 5, true, NOW, FAR))
                .isEqualTo(new RetryDecision.Again(whole(Duration.ofSeconds(5)), 5, 5));
    }

    /** Attempts that a dead server took, or that were before a replay, are no rungs of the ladder. */
    @ParameterizedTest
    @CsvSource({"6, 10, PT5S", "7, 10, PT30S", "12, 16, PT5S"})
    void onlyAttemptsThatWereUsedUpLengthenTheDelay(int attempt, int allowed, Duration delay) {
        assertThat(policy.afterFailure(ErrorCode.DEADLOCK, attempt, allowed, true, NOW, FAR))
                .isEqualTo(new RetryDecision.Again(whole(delay), attempt + 1, allowed));
    }

    @Test
    void aFailureOfTheLastAttemptIsExhausted() {
        assertThat(policy.afterFailure(ErrorCode.DEADLOCK, 5, 5, true, NOW, FAR))
                .isEqualTo(new RetryDecision.Exhausted());
    }

    @Test
    void aFailureThatUsesUpNoAttemptAllowsOneMore() {
        assertThat(policy.afterFailure(ErrorCode.SERVER_UNAVAILABLE, 5, 5, false, NOW, FAR))
                .isEqualTo(new RetryDecision.Again(whole(Duration.ofSeconds(30)), 6, 6));
    }

    @Test
    void aDelayPastTheDeadlineIsReplacedByAShorterTier() {
        assertThat(policy.afterFailure(ErrorCode.DEADLOCK, 3, 5, true, NOW, NOW.plusSeconds(31)))
                .isEqualTo(new RetryDecision.Again(whole(Duration.ofSeconds(30)), 4, 5));
        assertThat(policy.afterFailure(ErrorCode.DEADLOCK, 3, 5, true, NOW, NOW.plusSeconds(5)))
                .isEqualTo(new RetryDecision.TooLate());
    }

    @ParameterizedTest
    @EnumSource
    void anErrorThatIsNotRetryableIsFinal(ErrorCode code) {
        assertThat(policy.afterFailure(code, 1, 5, true, NOW, FAR) instanceof RetryDecision.Final)
                .isEqualTo(!code.retryable());
    }

    @Test
    void firstWaitsAreShortAndLaterWaitsAreLonger() {
        assertThat(policy.whileWaiting(0, NOW, FAR)).contains(whole(Duration.ofSeconds(5)));
        assertThat(policy.whileWaiting(100, NOW, FAR)).contains(whole(Duration.ofSeconds(30)));
        assertThat(policy.whileWaiting(0, NOW, NOW.plusSeconds(5))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, PT30S", "0.5, PT27S", "0.999, PT24.006S"})
    void jitterOnlyShortensADelay(double random, Duration length) {
        RetryPolicy jittered = new RetryPolicy(5, List.of(Duration.ofSeconds(30)), new Jitter(0.2, () -> random));
        assertThat(jittered.whileWaiting(0, NOW, FAR)).contains(new Delay(Duration.ofSeconds(30), length));
    }

    @Test
    void aDelayWithJitterIsAtLeastAMillisecond() {
        assertThat(new Jitter(0.9, () -> 0.999).shorten(Duration.ofMillis(1)).length())
                .isEqualTo(Duration.ofMillis(1));
    }
}
