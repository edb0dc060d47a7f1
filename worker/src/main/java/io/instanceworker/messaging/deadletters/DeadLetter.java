package io.instanceworker.messaging.deadletters;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Delivery;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.messaging.JobHeaders;
import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.Traces;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A message in the dead queue. Its body and headers are text from outside and must be escaped before they are shown. */
final class DeadLetter {

    private static final String OURS = "iw-";
    private static final String DEATHS = "x-death";
    private static final int ID_DIGITS = 12;
    private static final int PERSISTENT = 2;
    private static final JobReader READER = new JobReader();

    private final Delivery message;
    private final Map<String, Object> headers;
    private final String id;
    private @Nullable Content content;

    /** What the body says of the job, as far as it can be read. */
    private record Content(
            @Nullable String jobId,
            @Nullable Operation operation,
            @Nullable String server,
            @Nullable InstanceRef instance) {

        static Content of(byte[] body) {
            ReadJob read = READER.read(body);
            if (read instanceof ReadJob.Refused refused) {
                return new Content(refused.jobId(), refused.operation(), refused.server(), refused.instance());
            }
            Job job = ((ReadJob.Accepted) read).job();
            return new Content(
                    job.jobId(),
                    job.operation(),
                    job.header().server(),
                    job instanceof InstanceJob about ? about.instance() : null);
        }
    }

    DeadLetter(Delivery message) {
        this.message = message;
        this.headers = message.getProperties().getHeaders() == null
                ? Map.of()
                : message.getProperties().getHeaders();
        this.id = digest();
    }

    /**
     * The same each time the queue is read. It is derived from body and headers, because a job can be dead-lettered twice, with
     * the same job id and the same body. Headers in which the broker counts the reads are left out.
     */
    String id() {
        return id;
    }

    private String digest() {
        Map<String, Object> lasting = ours();
        if (headers.containsKey(DEATHS)) {
            lasting.put(DEATHS, headers.get(DEATHS));
        }
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(canonical(lasting).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha256.digest(message.getBody())).substring(0, ID_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String canonical(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, String> sorted = new TreeMap<>();
            map.forEach((key, each) -> sorted.put(String.valueOf(key), canonical(each)));
            return sorted.toString();
        }
        if (value instanceof List<?> list) {
            return list.stream().map(DeadLetter::canonical).toList().toString();
        }
        return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value);
    }

    private Map<String, Object> ours() {
        Map<String, Object> ours = new TreeMap<>();
        headers.forEach((name, value) -> {
            if (name.startsWith(OURS)) {
                ours.put(name, value);
            }
        });
        return ours;
    }

    long deliveryTag() {
        return message.getEnvelope().getDeliveryTag();
    }

    byte[] body() {
        return message.getBody();
    }

    BasicProperties properties() {
        return message.getProperties();
    }

    @Nullable String header(String name) {
        Object value = headers.get(name);
        return value == null ? null : value.toString();
    }

    @Nullable Integer number(String name) {
        return headers.get(name) instanceof Number n ? n.intValue() : null;
    }

    private Content content() {
        if (content == null) {
            content = Content.of(message.getBody());
        }
        return content;
    }

    /** Null if the message has none that can be read. */
    @Nullable String jobId() {
        String known = header(JobHeaders.JOB_ID);
        return known == null ? content().jobId() : known;
    }

    /** Null if the message has none that can be read. */
    @Nullable String operation() {
        Operation operation = content().operation();
        return operation == null ? null : operation.jsonName();
    }

    /** The server that the job names; null if it names none. */
    @Nullable String server() {
        return content().server();
    }

    /** The database that the job names; null if it names none, or only the instance from which its name is derived. */
    @Nullable String databaseName() {
        InstanceRef instance = content().instance();
        return instance == null ? null : instance.databaseName();
    }

    /** The worker's error code, or the broker's reason if the broker has dead-lettered the message: {@code delivery_limit}. */
    String errorCode() {
        String code = header(JobHeaders.ERROR_CODE);
        Object reason = death().get("reason");
        return code != null ? code : reason == null ? "unknown" : reason.toString();
    }

    /** The time in the header; if the broker has dead-lettered the message, the time of that. */
    @Nullable String failure(String header) {
        String time = header(header);
        return time == null && death().get("time") instanceof Date date
                ? date.toInstant().toString()
                : time;
    }

    /** The routing key with which the message was published first. */
    String routingKey() {
        String key = header(JobHeaders.ROUTING_KEY);
        if (key == null && death().get("routing-keys") instanceof List<?> keys && !keys.isEmpty()) {
            key = String.valueOf(keys.get(0));
        }
        return key == null ? message.getEnvelope().getRoutingKey() : key;
    }

    /** The broker's latest entry in x-death. */
    private Map<?, ?> death() {
        return headers.get(DEATHS) instanceof List<?> deaths
                        && !deaths.isEmpty()
                        && deaths.get(0) instanceof Map<?, ?> latest
                ? latest
                : Map.of();
    }

    /**
     * The properties for the replay: those of the publisher without expiration, and only the headers of the worker and of the
     * trace. The error code in the headers marks the message as replayed, so that the job has all its attempts again.
     *
     * @param user the user who replays the message. The header with its publisher is kept only if the same user wrote it, which is
     *     the worker's user then
     */
    BasicProperties propertiesOfReplay(String user) {
        Map<String, Object> again = ours();
        String publishedBy = properties().getUserId();
        if (!user.equals(publishedBy)) {
            again.remove(JobHeaders.PUBLISHER);
            if (publishedBy != null) {
                again.put(JobHeaders.PUBLISHER, publishedBy);
            }
        }
        Traces.HEADERS.stream().filter(headers::containsKey).forEach(name -> again.put(name, headers.get(name)));
        again.putIfAbsent(JobHeaders.ERROR_CODE, errorCode());
        // A replayed message does not come from a wait tier.
        again.remove(Topology.TIER_HEADER);
        return properties()
                .builder()
                .headers(again)
                .deliveryMode(PERSISTENT)
                .expiration(null)
                // The broker refuses a user id that differs from the connection's user.
                .userId(user)
                .build();
    }
}
