package io.instanceworker.messaging;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.job.Ticket;
import io.instanceworker.retry.Delay;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;

/**
 * What the worker writes on a job's message between its attempts. Ours, because the broker's own counters are not to be
 * relied on: from 4.0 it ignores a published x-death. A message without them is at its first attempt; whatever they hold,
 * they cannot make a job do anything but end sooner or later.
 */
public final class JobHeaders {

    public static final String ATTEMPT = "iw-attempt";
    private static final String FIRST_ATTEMPT = "iw-first-attempt";
    public static final String MAX_ATTEMPTS = "iw-max-attempts";
    static final String WAITS = "iw-waits";
    private static final String DEATHS = "iw-deaths";
    private static final String BEGUN = "iw-begun";
    private static final String ENDING = "iw-ending";
    public static final String FIRST_RECEIVED = "iw-first-received";
    public static final String FIRST_FAILURE = "iw-first-failure";
    public static final String LAST_FAILURE = "iw-last-failure";
    public static final String ERROR_CODE = "iw-error-code";
    public static final String ERROR_MESSAGE = "iw-error-message";
    public static final String WORKER = "iw-worker";
    public static final String ROUTING_KEY = "iw-routing-key";
    public static final String JOB_ID = "iw-job-id";

    /** How far the clocks of workers and brokers may be apart. */
    static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    /** Counted by a quorum queue: how often the message came back unacknowledged. */
    private static final String DELIVERY_COUNT = "x-delivery-count";

    private static final int LONGEST_MESSAGE = 2_000;

    private JobHeaders() {}

    /**
     * @param fresh the ticket of a job that no worker has had
     */
    static Ticket ticket(MessageProperties properties, Ticket fresh) {
        int attempt = number(properties, ATTEMPT, fresh.attempt());
        if (properties.getHeaders().containsKey(ERROR_CODE)) {
            // Sent back from the dead queue: as many attempts again, numbered on, so that recorders see them as later
            // ones.
            return new Ticket(
                    attempt + 1,
                    attempt + 1,
                    attempt + fresh.allowedAttempts(),
                    0,
                    0,
                    true,
                    null,
                    fresh.firstReceivedAt(),
                    null);
        }
        return new Ticket(
                attempt,
                Math.min(attempt, number(properties, FIRST_ATTEMPT, fresh.firstAttempt())),
                Math.max(attempt, number(properties, MAX_ATTEMPTS, fresh.allowedAttempts())),
                number(properties, WAITS, 0),
                number(properties, DEATHS, 0),
                isRedelivered(properties)
                        || Boolean.TRUE.equals(properties.getHeaders().get(BEGUN)),
                ending(properties),
                Objects.requireNonNullElse(
                        past(properties, FIRST_RECEIVED, fresh.firstReceivedAt()), fresh.firstReceivedAt()),
                past(properties, FIRST_FAILURE, fresh.firstReceivedAt()));
    }

    private static int number(MessageProperties properties, String header, int otherwise) {
        return properties.getHeaders().get(header) instanceof Number n && n.intValue() >= 0 ? n.intValue() : otherwise;
    }

    private static @Nullable Instant past(MessageProperties properties, String header, Instant now) {
        Instant instant = instant(properties.getHeaders().get(header));
        return instant == null || instant.isAfter(now.plus(CLOCKS_DIFFER)) ? null : instant;
    }

    /** @param header of any kind, or none; null is also what comes of one that is no time */
    static @Nullable Instant instant(@Nullable Object header) {
        try {
            return Instant.parse(String.valueOf(header));
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Whether a worker may have had the message before, as it is or on its way through a wait tier. */
    static boolean mayHaveBeenRun(MessageProperties properties) {
        return isRedelivered(properties) || properties.getHeaders().containsKey(Topology.TIER_HEADER);
    }

    /** Whether a worker may have had the message before, as it is. */
    static boolean isRedelivered(MessageProperties properties) {
        return Boolean.TRUE.equals(properties.isRedelivered()) || deliveryCount(properties) > 0;
    }

    private static @Nullable ErrorCode ending(MessageProperties properties) {
        return Stream.of(ErrorCode.values())
                .filter(code -> code.name().equals(properties.getHeaders().get(ENDING)))
                .findFirst()
                .orElse(null);
    }

    /** When a worker first had the message, as it was written on it; null if it was not, or for an earlier death. */
    static @Nullable Instant writtenFirstReceived(MessageProperties properties) {
        return properties.getHeaders().containsKey(ERROR_CODE)
                ? null
                : instant(properties.getHeaders().get(FIRST_RECEIVED));
    }

    /** When a worker first had the job; null if that was before this time and nobody wrote it down. */
    static @Nullable Instant since(MessageProperties properties, Ticket ticket) {
        Instant written = past(properties, FIRST_RECEIVED, ticket.firstReceivedAt());
        return written == null && !isRedelivered(properties) ? ticket.firstReceivedAt() : written;
    }

    static int deliveryCount(MessageProperties properties) {
        return properties.getHeaders().get(DELIVERY_COUNT) instanceof Number n ? n.intValue() : 0;
    }

    /** The job's message for a wait tier. */
    static Message waiting(Message job, Ticket ticket, Delay delay) {
        Message message = copy(job);
        write(message, ticket);
        message.getMessageProperties().setHeader(Topology.TIER_HEADER, Topology.tierName(delay.tier()));
        message.getMessageProperties()
                .setExpiration(Long.toString(delay.length().toMillis()));
        return message;
    }

    /**
     * The job's message for the dead queue.
     *
     * @param ticket null where the message is no job
     */
    static Message dead(
            Message job, @Nullable Ticket ticket, JobError error, @Nullable String jobId, String worker, Instant now) {
        Message message = copy(job);
        MessageProperties properties = message.getMessageProperties();
        if (ticket == null) {
            properties.setHeader(ATTEMPT, 0);
        } else {
            write(message, ticket);
        }
        ErrorCode code = error.code();
        properties.setHeader(ERROR_CODE, code.name());
        properties.setHeader(ERROR_MESSAGE, shortened(error.message()));
        // No attempt of a message that is no job, or that ended its workers, has failed before.
        properties.getHeaders().putIfAbsent(FIRST_FAILURE, now.toString());
        properties.setHeader(LAST_FAILURE, now.toString());
        properties.setHeader(WORKER, worker);
        properties.setHeader(
                ROUTING_KEY, String.valueOf(job.getMessageProperties().getReceivedRoutingKey()));
        if (jobId != null) {
            properties.setHeader(JOB_ID, jobId);
        }
        return message;
    }

    /** All headers together must fit into one frame. */
    private static String shortened(String message) {
        return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + "…";
    }

    private static void write(Message message, Ticket ticket) {
        Map<String, Object> headers = message.getMessageProperties().getHeaders();
        headers.put(ATTEMPT, ticket.attempt());
        headers.put(FIRST_ATTEMPT, ticket.firstAttempt());
        headers.put(MAX_ATTEMPTS, ticket.allowedAttempts());
        headers.put(WAITS, ticket.waits());
        headers.put(DEATHS, ticket.deaths());
        headers.put(BEGUN, ticket.begun());
        if (ticket.ending() != null) {
            headers.put(ENDING, ticket.ending().name());
        }
        headers.put(FIRST_RECEIVED, ticket.firstReceivedAt().toString());
        if (ticket.firstFailureAt() != null) {
            headers.put(FIRST_FAILURE, ticket.firstFailureAt().toString());
        }
    }

    /**
     * The same bytes and properties without what would hinder the journey, and none of the headers: the broker's own are of
     * earlier deliveries, ours of an earlier death, and a publisher's {@code CC} would send the message to further queues.
     */
    private static Message copy(Message job) {
        Message copy = MessageBuilder.fromClonedMessage(job).build();
        MessageProperties properties = copy.getMessageProperties();
        properties.setDeliveryMode(MessageDeliveryMode.PERSISTENT);
        properties.setExpiration(null);
        // The broker refuses a user id that is not the connection's own.
        properties.setUserId(null);
        properties.getHeaders().clear();
        return copy;
    }
}
