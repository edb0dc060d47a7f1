package io.instanceworker.messaging;

import com.rabbitmq.client.Channel;
import io.instanceworker.contracts.result.EventWriter;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.job.AbandonedException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.RabbitUtils;

/**
 * How jobs ended, written down before it is told. A message that comes once more, because its worker was killed or its
 * channel closed, is not decided once more: other jobs may have changed what is there by then, and the job would be told to
 * have ended in two ways, or would make again what was deleted since.
 *
 * <p>The log is a stream, so reading takes nothing away. It is read only for a message that may have been run before.
 */
final class EndedJobs {

    /** @param kept whether the message belongs into the dead queue too */
    record Ended(JobResult result, boolean kept) {}

    private static final Logger log = LoggerFactory.getLogger(EndedJobs.class);

    /** How far the clocks of workers and brokers may be apart. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    private static final Duration READING = Duration.ofMinutes(1);

    /** A stream is read with acknowledgements, which ask for more and take nothing away. */
    private static final int PREFETCH = 200;

    private final ConnectionFactory connections;
    private final ConfirmedPublisher publisher;
    private final Clock clock;
    private final EventWriter writer = new EventWriter();

    EndedJobs(ConnectionFactory connections, ConfirmedPublisher publisher, Clock clock) {
        this.connections = connections;
        this.publisher = publisher;
        this.clock = clock;
    }

    /** Returns when it is written down. */
    void record(Ended ended) {
        JobResult result = ended.result();
        if (result instanceof JobResult.Succeeded looked && looked.page() != null) {
            // It is large, and it is told under the same id whenever it is looked at.
            return;
        }
        publisher.publish(
                Topology.DEFAULT_EXCHANGE,
                Topology.ENDED,
                MessageBuilder.withBody(writer.write(InstanceStatusEvent.of(result, clock.instant())))
                        .setDeliveryMode(MessageDeliveryMode.PERSISTENT)
                        .setContentType(InstanceStatusEvent.CONTENT_TYPE)
                        .setHeader(JobHeaders.JOB_ID, result.facts().jobId())
                        .setHeader(JobHeaders.ATTEMPT, result.facts().attempt())
                        .setHeader(EndedJobSearch.KEPT, ended.kept())
                        .build());
    }

    /**
     * How the job ended, if it has.
     *
     * @param firstAttempt an end at an earlier one was before it was sent back from the dead queue
     * @param since when a worker first had it; null if that is not known
     */
    Optional<Ended> find(String jobId, int firstAttempt, @Nullable Instant since) {
        for (int tries = 1; ; tries++) {
            try {
                return read(jobId, firstAttempt, since);
            } catch (AmqpException | IOException | ExecutionException | TimeoutException e) {
                log.warn("Whether the job has ended before cannot be read, and is read again: {}", e.getMessage());
                publisher.pause(tries, String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AbandonedException("Interrupted while reading whether the job has ended before");
            }
        }
    }

    /** Reads from where the job can have ended first up to a marker that is written now. */
    private Optional<Ended> read(String jobId, int firstAttempt, @Nullable Instant since)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        String marker = UUID.randomUUID().toString();
        publisher.publish(
                Topology.DEFAULT_EXCHANGE,
                Topology.ENDED,
                MessageBuilder.withBody(new byte[0]).setMessageId(marker).build());
        Connection connection = connections.createConnection();
        Channel channel = connection.createChannel(false);
        try {
            channel.basicQos(PREFETCH);
            EndedJobSearch search = new EndedJobSearch(channel, jobId, firstAttempt, marker);
            Object from = since == null ? "first" : Date.from(since.minus(CLOCKS_DIFFER));
            channel.basicConsume(Topology.ENDED, false, Map.of("x-stream-offset", from), search);
            return search.found().get(READING.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            // Not back into the cache: the rest of the stream is still on its way to it.
            RabbitUtils.setPhysicalCloseRequired(channel, true);
            RabbitUtils.closeChannel(channel);
            RabbitUtils.closeConnection(connection);
        }
    }
}
