package io.instanceworker.messaging;

import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.job.Carried;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.retry.Delay;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;

/**
 * The headers that the worker writes on a job's message. A job with a row in the journal has only its run id. A publisher that
 * writes these headers itself can only end its own job earlier. The headers of the trace are kept too.
 */
public final class JobHeaders {

    /** The id of the row in the journal. */
    static final String RUN_ID = "iw-run";

    /** All of these headers begin with it. */
    static final String PREFIX = "iw-";

    /** On a message that was redelivered and then went to another queue. */
    static final String REDELIVERED = "iw-redelivered";

    public static final String ATTEMPT = "iw-attempt";
    public static final String MAX_ATTEMPTS = "iw-max-attempts";
    private static final String WAITS = "iw-waits";

    /** When a job without a row in the journal was received. */
    private static final String RECEIVED = "iw-received";

    /** On a replayed message whose row in the journal is not opened again yet. */
    private static final String REPLAY = "iw-replay";

    /** The user who published the job first. Counts only on a message with the worker's own user_id; see {@link Publishers}. */
    public static final String PUBLISHER = "iw-publisher";

    public static final String FIRST_FAILURE = "iw-first-failure";

    // Only on dead letters, for people and for the replay.
    public static final String LAST_FAILURE = "iw-last-failure";
    public static final String ERROR_CODE = "iw-error-code";
    public static final String ERROR_MESSAGE = "iw-error-message";
    public static final String WORKER = "iw-worker";
    public static final String ROUTING_KEY = "iw-routing-key";
    public static final String JOB_ID = "iw-job-id";

    /** Set by a quorum queue: how often the message was returned without an acknowledgement. */
    private static final String DELIVERY_COUNT = "x-delivery-count";

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final int MOST_ATTEMPTS = 1_000_000;
    private static final Duration LONGEST_WAIT = Duration.ofDays(365);
    private static final int LONGEST_MESSAGE = 2_000;

    private JobHeaders() {}

    /** @param maxAttempts how many attempts a replayed job has */
    static Carried carried(MessageProperties properties, int maxAttempts, Instant now) {
        Map<String, Object> headers = properties.getHeaders();
        String runId = runId(properties);
        if (isReplay(properties)) {
            int attempt = number(headers, ATTEMPT, 0);
            return new Carried(runId, new Progress(attempt + 1, attempt + maxAttempts, 0, null), Duration.ZERO);
        }
        int attempt = number(headers, ATTEMPT, 0);
        int allowed = number(headers, MAX_ATTEMPTS, 0);
        Progress progress = attempt < 1 || allowed < 1
                ? null
                : new Progress(attempt, allowed, number(headers, WAITS, 0), instant(headers.get(FIRST_FAILURE)));
        return new Carried(runId, progress, waited(instant(headers.get(RECEIVED)), now));
    }

    /** The job's row in the journal; null if the message names none. */
    static @Nullable String runId(MessageProperties properties) {
        return properties.getHeaders().get(RUN_ID) instanceof String text
                        && UUID.matcher(text).matches()
                ? text
                : null;
    }

    /** Whether the message was replayed from the dead queue. */
    private static boolean isReplay(MessageProperties properties) {
        return properties.getHeaders().containsKey(ERROR_CODE);
    }

    private static boolean isUnopenedReplay(MessageProperties properties) {
        return mayBeReplay(properties) && (isReplay(properties) || isFromWaitQueue(properties));
    }

    /** True also for every first delivery of a new job: a replayed message may have no header that shows it. */
    static boolean mayBeReplay(MessageProperties properties) {
        return !isRedelivered(properties)
                && (!isFromWaitQueue(properties) || properties.getHeaders().containsKey(REPLAY));
    }

    private static int number(Map<String, Object> headers, String name, int otherwise) {
        return headers.get(name) instanceof Number n && n.longValue() >= 0 && n.longValue() <= MOST_ATTEMPTS
                ? n.intValue()
                : otherwise;
    }

    private static Duration waited(@Nullable Instant received, Instant now) {
        return received == null || received.isAfter(now) || received.isBefore(now.minus(LONGEST_WAIT))
                ? Duration.ZERO
                : Duration.between(received, now);
    }

    private static @Nullable Instant instant(@Nullable Object header) {
        try {
            return Instant.parse(String.valueOf(header));
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Whether the broker has delivered the message to a worker before. */
    static boolean isRedelivered(MessageProperties properties) {
        return Boolean.TRUE.equals(properties.isRedelivered())
                || properties.getHeaders().containsKey(REDELIVERED);
    }

    static boolean isFromWaitQueue(MessageProperties properties) {
        return properties.getHeaders().containsKey(Topology.TIER_HEADER);
    }

    static int deliveryCount(MessageProperties properties) {
        // On a first delivery the header is not from this queue: for example, a shovel copies it from another queue.
        return Boolean.TRUE.equals(properties.isRedelivered())
                        && properties.getHeaders().get(DELIVERY_COUNT) instanceof Number n
                ? n.intValue()
                : 0;
    }

    /** The job's message for a wait queue. */
    static Message waiting(Message job, Carried carried, Delay delay, Instant now) {
        Message message = copy(job);
        MessageProperties properties = message.getMessageProperties();
        Map<String, Object> headers = properties.getHeaders();
        if (carried.runId() != null) {
            headers.put(RUN_ID, carried.runId());
        } else if (isRedelivered(job.getMessageProperties())) {
            headers.put(REDELIVERED, true);
        }
        Progress progress = carried.progress();
        if (progress != null) {
            headers.put(ATTEMPT, progress.attempt());
            headers.put(MAX_ATTEMPTS, progress.allowedAttempts());
            headers.put(WAITS, progress.waits());
            if (!carried.waited().isZero()) {
                headers.put(RECEIVED, now.minus(carried.waited()).toString());
                if (isUnopenedReplay(job.getMessageProperties())) {
                    headers.put(REPLAY, true);
                }
            }
            if (progress.firstFailureAt() != null) {
                headers.put(FIRST_FAILURE, progress.firstFailureAt().toString());
            }
        }
        headers.put(Topology.TIER_HEADER, Topology.tierName(delay.tier()));
        properties.setExpiration(Long.toString(delay.length().toMillis()));
        return message;
    }

    /**
     * Why a message is dead-lettered.
     *
     * @param facts null if no job could be read from the message
     * @param firstFailureAt null if no attempt has failed before
     */
    record Death(
            JobError error,
            @Nullable JobFacts facts,
            @Nullable String runId,
            @Nullable Instant firstFailureAt,
            String worker) {}

    /** The job's message for the dead queue. */
    static Message dead(Message job, Death death, Instant now) {
        Message message = copy(job);
        Map<String, Object> headers = message.getMessageProperties().getHeaders();
        JobFacts facts = death.facts();
        headers.put(ATTEMPT, facts == null ? 0 : facts.attempt());
        if (facts != null) {
            headers.put(MAX_ATTEMPTS, facts.maxAttempts());
            headers.put(JOB_ID, facts.jobId());
        }
        if (death.runId() != null) {
            headers.put(RUN_ID, death.runId());
        }
        headers.put(ERROR_CODE, death.error().code().name());
        headers.put(ERROR_MESSAGE, shortened(death.error().message()));
        headers.put(FIRST_FAILURE, (death.firstFailureAt() == null ? now : death.firstFailureAt()).toString());
        headers.put(LAST_FAILURE, now.toString());
        headers.put(WORKER, death.worker());
        headers.put(ROUTING_KEY, String.valueOf(job.getMessageProperties().getReceivedRoutingKey()));
        return message;
    }

    /** Cuts the message, because all headers together must fit into one frame. */
    private static String shortened(String message) {
        return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + "…";
    }

    /**
     * A copy with the same body and properties. Expiration and user id are removed, because with them the message may not
     * arrive. The headers but those of the trace are removed too: those of the broker are about earlier deliveries, and a
     * publisher's {@code CC} would route the message to further queues.
     */
    static Message copy(Message job) {
        Message copy = MessageBuilder.fromClonedMessage(job).build();
        MessageProperties properties = copy.getMessageProperties();
        properties.setDeliveryMode(MessageDeliveryMode.PERSISTENT);
        properties.setExpiration(null);
        // The broker refuses a user id that differs from the connection's user.
        properties.setUserId(null);
        properties.getHeaders().clear();
        Traces.carry(job.getMessageProperties(), properties);
        return copy;
    }
}
