package io.instanceworker.messaging;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.contracts.result.EventWriter;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.job.AbandonedException;
import io.instanceworker.job.Ticket;
import io.instanceworker.messaging.EndedJobSearch.Sought;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageBuilderSupport;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.RabbitUtils;

/**
 * How jobs ended, written down before it is told. A message that comes once more, because its worker was killed or its
 * channel closed, is not decided once more: other jobs may have changed what is there by then, and the job would be told to
 * have ended in two ways, or would make again what was deleted since. Where two workers have the same message at the same
 * time, the end that is in the log first is the one that both tell.
 *
 * <p>The log is a stream, so reading takes nothing away. It also holds the beginnings, because a publisher may send a job
 * once more: what is of an earlier beginning is of an earlier message. A message is known by its bytes, since publishers may
 * use one job id for several jobs, and by when a worker first had it.
 *
 * <p>A job whose beginning is not in the log at once is given back: the broker, or the way to it, was away, and may have given
 * the message to another worker. That one may have ended the job, and a third one undone it.
 */
final class EndedJobs {

    /** @param kept whether the message belongs into the dead queue too */
    record Ended(JobResult result, boolean kept) {}

    /**
     * What became of a message before.
     *
     * @param runs how often it was run, since it last came to something, by workers that were gone before it did again
     * @param overtaken whether what followed from it has been taken by a worker already, so that nothing is left to do
     * @param firstReceivedAt when a worker first had it; null if that is not in the log
     */
    record Past(
            Optional<Ended> ended,
            int runs,
            boolean overtaken,
            @Nullable Instant firstReceivedAt) {

        static Past unknown(int runs) {
            return new Past(Optional.empty(), runs, false, null);
        }

        /** Of a message that no worker has had in this form: what else there is in the log is of its twins. */
        Past asDeliveredFirst() {
            return new Past(ended, 0, false, firstReceivedAt);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(EndedJobs.class);

    private static final Duration SILENCE = Duration.ofSeconds(20);

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

    /**
     * Writes down that a message came for the first time.
     *
     * @param run an id for it
     * @throws AbandonedException if it may be another worker's by now
     */
    void begin(String run, String bytesId, Ticket ticket) {
        writeAtOnce(run(run, bytesId, ticket, ticket.firstReceivedAt())
                .setHeader(EndedJobSearch.FIRST, true)
                .build());
    }

    /**
     * Writes down that a message came that may have been run before.
     *
     * @param run an id for it
     * @param since when a worker first had it, for the search; null if that is not known
     * @param written the same as it is written on the message; null if it is not
     * @throws AbandonedException if it may be another worker's by now
     */
    Past beginAgain(String run, String bytesId, Ticket ticket, @Nullable Instant since, @Nullable Instant written) {
        Instant received = Objects.requireNonNullElse(written, ticket.firstReceivedAt());
        writeAtOnce(run(run, bytesId, ticket, received).build());
        return read(new Sought(bytesId, ticket, written), since, run);
    }

    /** Not again and again: a run that is written down late would be one of a job that has ended. */
    private void writeAtOnce(Message run) {
        if (!publisher.publishOnce(Topology.DEFAULT_EXCHANGE, Topology.ENDED, run)) {
            throw new AbandonedException("The broker did not take at once that the job begins");
        }
    }

    /**
     * Writes down that a run came to nothing, whether its beginning is in the log or not, though its worker lives. Until that
     * is taken, the message need not come again. A worker that stops does not wait for it.
     *
     * @param received when a worker first had the message
     * @param first whether the message came for the first time, and no other worker can have had it yet
     */
    void giveBack(String run, String bytesId, Instant received, boolean first) {
        if (publisher.isStopping()) {
            return;
        }
        MessageBuilderSupport<Message> message = MessageBuilder.withBody(new byte[0])
                .setHeader(EndedJobSearch.BYTES_ID, bytesId)
                .setHeader(EndedJobSearch.GIVEN_BACK, run)
                .setHeader(JobHeaders.FIRST_RECEIVED, received.toString());
        if (first) {
            message.setHeader(EndedJobSearch.FIRST, true);
        }
        write(message.build());
    }

    private static MessageBuilderSupport<Message> run(String id, String bytesId, Ticket ticket, Instant received) {
        return MessageBuilder.withBody(new byte[0])
                .setMessageId(id)
                .setHeader(EndedJobSearch.BYTES_ID, bytesId)
                .setHeader(JobHeaders.ATTEMPT, ticket.attempt())
                .setHeader(JobHeaders.WAITS, ticket.waits())
                .setHeader(JobHeaders.FIRST_RECEIVED, received.toString());
    }

    /**
     * Writes down how the job ended.
     *
     * @param bytesId of the job's message
     * @param since when a worker first had it, for the search; null if that is not known
     * @param written the same as it is written on the message; null if it is not
     * @return how it is to be told: as this, or as another worker with the same message wrote down before
     * @throws AbandonedException if it failed, and the message may be another worker's by now
     */
    Ended end(String bytesId, Ended ended, Ticket ticket, @Nullable Instant since, @Nullable Instant written) {
        JobResult result = ended.result();
        if (result instanceof JobResult.Succeeded looked && looked.page() != null) {
            // It is large, and it is told under the same id whenever it is looked at.
            return ended;
        }
        String id = UUID.randomUUID().toString();
        Instant received = Objects.requireNonNullElse(written, ticket.firstReceivedAt());
        Message entry = MessageBuilder.withBody(writer.write(InstanceStatusEvent.of(result, clock.instant())))
                .setContentType(InstanceStatusEvent.CONTENT_TYPE)
                .setMessageId(id)
                .setHeader(EndedJobSearch.BYTES_ID, bytesId)
                .setHeader(JobHeaders.ATTEMPT, ticket.attempt())
                .setHeader(JobHeaders.FIRST_RECEIVED, received.toString())
                .setHeader(EndedJobSearch.KEPT, ended.kept())
                .build();
        if (result instanceof JobResult.Succeeded) {
            write(entry);
        } else if (!publisher.publishWhileThere(Topology.DEFAULT_EXCHANGE, Topology.ENDED, entry)) {
            // What kept the job from its work may be gone by now, and another worker may be doing it.
            throw new AbandonedException("The broker was away when the job's failure was to be written down");
        }
        return read(new Sought(bytesId, ticket, received), since, id).ended().orElse(ended);
    }

    private void write(Message message) {
        publisher.publish(Topology.DEFAULT_EXCHANGE, Topology.ENDED, message);
    }

    private Past read(Sought sought, @Nullable Instant since, String until) {
        for (int tries = 1; ; tries++) {
            try {
                // A worker whose clock is fast would look for it where nothing is written yet.
                return readOnce(sought, tries == 1 ? since : null, until);
            } catch (AmqpException | ShutdownSignalException | IOException | ExecutionException | TimeoutException e) {
                log.warn("Whether the job has ended before cannot be read, and is read again: {}", e.toString());
                publisher.pause(tries, e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AbandonedException("Interrupted while reading whether the job has ended before");
            }
        }
    }

    private Past readOnce(Sought sought, @Nullable Instant since, String until)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Connection connection = connections.createConnection();
        Channel channel = connection.createChannel(false);
        try {
            channel.basicQos(PREFETCH);
            EndedJobSearch search = new EndedJobSearch(channel, sought, until);
            Object from = since == null ? "first" : Date.from(since.minus(JobHeaders.CLOCKS_DIFFER));
            channel.basicConsume(Topology.ENDED, false, Map.of("x-stream-offset", from), search);
            return search.await(SILENCE);
        } finally {
            // Not back into the cache: the rest of the stream is still on its way to it.
            RabbitUtils.setPhysicalCloseRequired(channel, true);
            RabbitUtils.closeChannel(channel);
            RabbitUtils.closeConnection(connection);
        }
    }
}
