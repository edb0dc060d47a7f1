package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.job.Ticket;
import io.instanceworker.retry.Delay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageProperties;

class JobHeadersTest {

    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
    private static final Ticket FRESH = new Ticket(1, 1, 5, 0, 0, false, null, NOW, null);

    private static Message job() {
        Message message = MessageBuilder.withBody("{}".getBytes(StandardCharsets.UTF_8))
                .setReplyTo("answers")
                .setCorrelationId("c-1")
                .setHeader("CC", List.of("instance.jobs.provision"))
                .setHeader("x-death", "the broker's")
                .setExpiration("1000")
                .setUserId("somebody")
                .build();
        message.getMessageProperties().setReceivedRoutingKey("job.add");
        return message;
    }

    private static Delay delay(long seconds) {
        return new Delay(Duration.ofSeconds(seconds), Duration.ofSeconds(seconds - 1));
    }

    @Test
    void aTicketComesBackAsItWasWritten() {
        Ticket ticket =
                new Ticket(3, 2, 6, 2, 4, true, ErrorCode.DISK_FULL, NOW.minusSeconds(90), NOW.minusSeconds(60));
        MessageProperties waiting = JobHeaders.waiting(job(), ticket, delay(30)).getMessageProperties();
        assertThat(JobHeaders.ticket(waiting, FRESH)).isEqualTo(ticket);
        assertThat(waiting.getHeaders()).containsEntry("iw-tier", "30s");
    }

    @Test
    void keepsWhatThePublisherSetAndNothingThatHindersTheJourney() {
        Message waiting = JobHeaders.waiting(job(), FRESH, delay(120));
        MessageProperties properties = waiting.getMessageProperties();
        assertThat(waiting.getBody()).isEqualTo(job().getBody());
        assertThat(properties.getReplyTo()).isEqualTo("answers");
        assertThat(properties.getCorrelationId()).isEqualTo("c-1");
        assertThat(properties.getHeaders().keySet())
                .allMatch(header -> header.startsWith("iw-"))
                .isNotEmpty();
        assertThat(properties.getExpiration()).as("the delay").isEqualTo("119000");
        assertThat(properties.getUserId()).isNull();
    }

    @Test
    void aJobSentBackFromTheDeadQueueHasAllItsAttemptsAgainAndNumbersThemOn() {
        JobError error = new JobError(ErrorCode.DEADLOCK, "why", null, null);
        Message dead = JobHeaders.dead(
                job(), new Ticket(5, 1, 5, 0, 0, false, null, NOW, NOW), error, "job-1", "worker-0", NOW);
        assertThat(dead.getMessageProperties().getHeaders())
                .containsEntry("iw-error-code", "DEADLOCK")
                .containsEntry("iw-error-message", "why")
                .containsEntry("iw-routing-key", "job.add")
                .containsEntry("iw-job-id", "job-1")
                .containsEntry("iw-worker", "worker-0");
        Ticket fresh = new Ticket(1, 1, 5, 0, 0, false, null, NOW.plusSeconds(60), null);
        assertThat(JobHeaders.ticket(dead.getMessageProperties(), fresh))
                .isEqualTo(new Ticket(6, 6, 10, 0, 0, true, null, NOW.plusSeconds(60), null));
        Message again = JobHeaders.waiting(dead, new Ticket(7, 6, 10, 0, 0, false, null, NOW, NOW), delay(5));
        assertThat(again.getMessageProperties().getHeaders()).doesNotContainKey("iw-error-code");
    }

    @Test
    void whatHasNotFailedBeforeFirstFailedNow() {
        JobError error = new JobError(ErrorCode.MALFORMED_MESSAGE, "why", null, null);
        Message noJob = JobHeaders.dead(job(), null, error, null, "worker-0", NOW);
        Message poison = JobHeaders.dead(job(), FRESH, error, "job-1", "worker-0", NOW);
        Message failedBefore = JobHeaders.dead(
                job(),
                new Ticket(2, 1, 5, 0, 0, false, null, NOW, NOW.minusSeconds(9)),
                error,
                "job-1",
                "worker-0",
                NOW);
        assertThat(List.of(noJob, poison, failedBefore))
                .extracting(dead -> dead.getMessageProperties().getHeader("iw-first-failure"))
                .containsExactly("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", "2026-11-20T09:59:51Z");
        assertThat(List.of(noJob, poison, failedBefore))
                .extracting(dead -> dead.getMessageProperties().getHeader("iw-last-failure"))
                .containsOnly("2026-11-20T10:00:00Z");
    }

    @Test
    void headersThatMakeNoSenseAreNotBelieved() {
        MessageProperties properties = new MessageProperties();
        properties.setHeader("iw-attempt", "many");
        properties.setHeader("iw-max-attempts", -1);
        properties.setHeader("iw-first-received", "yesterday");
        properties.setHeader("iw-first-failure", "+1000000000-12-31T23:59:59Z");
        assertThat(JobHeaders.ticket(properties, FRESH)).isEqualTo(FRESH);
    }
}
