package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.job.Carried;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.retry.Delay;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageProperties;

/** What a message remembers while its server, and with it the journal, cannot be reached. */
class JobHeadersTest {

    private static final int MAX_ATTEMPTS = 5;
    private static final String RUN = "6dc228f1-668d-4303-a1e4-a969b57eba87";
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    private static Message message(boolean redelivered, Map<String, Object> headers) {
        MessageProperties properties = new MessageProperties();
        properties.setRedelivered(redelivered);
        properties.getHeaders().putAll(headers);
        return MessageBuilder.withBody(new byte[] {1}).andProperties(properties).build();
    }

    /** Without a row, as a job is after {@code waits} waits. */
    private static MessageProperties waited(Message message, @Nullable String runId, Duration waited, int waits) {
        Carried carried = new Carried(runId, new Progress(1, MAX_ATTEMPTS, waits, null), waited);
        Delay delay = new Delay(Duration.ofSeconds(30), Duration.ofSeconds(30));
        Message copy = JobHeaders.waiting(message, carried, delay, NOW);
        copy.getMessageProperties().setRedelivered(false);
        return copy.getMessageProperties();
    }

    @Test
    void theTimeInQueuesCountsAsWaited() {
        MessageProperties waiting = waited(message(false, Map.of()), null, Duration.ofSeconds(10), 1);

        assertThat(JobHeaders.carried(waiting, MAX_ATTEMPTS, NOW.plusSeconds(60))
                        .waited())
                .isEqualTo(Duration.ofSeconds(70));
    }

    @Test
    void aTimeOfReceiptInTheFutureIsIgnored() {
        MessageProperties waiting = waited(message(false, Map.of()), null, Duration.ZERO, 1);

        assertThat(JobHeaders.carried(waiting, MAX_ATTEMPTS, NOW.minusSeconds(60))
                        .waited())
                .isZero();
    }

    @Test
    void aRedeliveredMessageThatWaitedWithoutARunIdIsStillRedelivered() {
        MessageProperties once = waited(message(true, Map.of()), null, Duration.ZERO, 1);
        assertThat(JobHeaders.isRedelivered(once)).isTrue();

        MessageProperties twice = waited(message(false, once.getHeaders()), null, Duration.ZERO, 2);
        assertThat(JobHeaders.isRedelivered(twice)).isTrue();
        assertThat(JobHeaders.isRedelivered(waited(message(true, Map.of()), RUN, Duration.ZERO, 1)))
                .isFalse();
        assertThat(JobHeaders.isRedelivered(waited(message(false, Map.of()), null, Duration.ZERO, 1)))
                .isFalse();
    }

    @Test
    void aReplayThatWaitedWithoutItsRowIsStillAReplay() {
        Message replayed = message(false, Map.of("iw-run", RUN, "iw-error-code", "TIMEOUT", "iw-attempt", 5));
        assertThat(JobHeaders.mayBeReplay(replayed.getMessageProperties())).isTrue();

        MessageProperties once = waited(replayed, RUN, Duration.ofSeconds(1), 1);
        assertThat(JobHeaders.mayBeReplay(once)).isTrue();
        MessageProperties twice = waited(message(false, once.getHeaders()), RUN, Duration.ofSeconds(1), 2);
        assertThat(JobHeaders.mayBeReplay(twice)).isTrue();
        assertThat(JobHeaders.carried(twice, MAX_ATTEMPTS, NOW).progress())
                .isEqualTo(new Progress(1, MAX_ATTEMPTS, 2, null));
    }

    /** Its replay may have ended again already. */
    @Test
    void aRedeliveredReplayIsNoReplayAfterItHasWaited() {
        Message replayed = message(true, Map.of("iw-run", RUN, "iw-error-code", "TIMEOUT", "iw-attempt", 5));

        assertThat(JobHeaders.mayBeReplay(waited(replayed, RUN, Duration.ofSeconds(1), 1)))
                .isFalse();
    }

    @Test
    void aReplayWhoseRowIsOpenIsNoReplayAnyMore() {
        Message replayed = message(false, Map.of("iw-run", RUN, "iw-error-code", "TIMEOUT", "iw-attempt", 5));
        Message waiting = JobHeaders.waiting(
                replayed, Carried.run(RUN), new Delay(Duration.ofSeconds(5), Duration.ofSeconds(5)), NOW);

        assertThat(JobHeaders.mayBeReplay(waiting.getMessageProperties())).isFalse();
    }
}
