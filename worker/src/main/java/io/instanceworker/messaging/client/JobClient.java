package io.instanceworker.messaging.client;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobWriter;
import io.instanceworker.messaging.Topology;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sends jobs, and receives their results by RabbitMQ's direct reply-to, for which a user needs no more rights than to publish to
 * the jobs exchange. Used by one thread.
 */
public final class JobClient implements AutoCloseable {

    private static final String REPLY_TO = "amq.rabbitmq.reply-to";
    private static final Duration CONFIRM_EXPECTED = Duration.ofSeconds(30);

    /** How long to wait for the close of a connection that the broker blocks. It blocks everything on that connection. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private static final int PERSISTENT = 2;

    /** How many events are in memory at once. A command that prints slower than events arrive leaves the rest to the broker. */
    private static final int ROOM = 1_000;

    /** Beyond that the broker drops the oldest events, because the terminal of a command may have been stopped. */
    private static final int MOST_EVENTS_IN_QUEUE = 100_000;

    private final Connection connection;
    private final Channel channel;
    private final @Nullable String user;
    private final JobWriter writer = new JobWriter();
    private final AtomicBoolean returned = new AtomicBoolean();

    /** An empty element means that no more messages will arrive. */
    private final BlockingQueue<Optional<Delivery>> arrived = new ArrayBlockingQueue<>(ROOM);

    /** @param name of the connection in the management page */
    public JobClient(Broker broker, String name) {
        connection = broker.connect(name);
        user = broker.username();
        try {
            channel = connection.createChannel();
            channel.confirmSelect();
            channel.addReturnListener(message -> returned.set(true));
            consume(channel, REPLY_TO);
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException("RabbitMQ did not open a channel", e);
        }
    }

    /**
     * From now on events arrive too, by a queue that exists as long as the connection.
     *
     * @param routingKeys with the wildcards of a topic exchange
     * @throws BrokerException if the user may not do that
     */
    public void listen(List<String> routingKeys) {
        try {
            Channel events = connection.createChannel();
            String queue = events.queueDeclare(
                            "",
                            false,
                            true,
                            true,
                            Map.of("x-max-length", MOST_EVENTS_IN_QUEUE, "x-queue-type", "classic"))
                    .getQueue();
            for (String routingKey : routingKeys) {
                events.queueBind(queue, Topology.EVENTS, routingKey);
            }
            consume(events, queue);
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException("The events of " + Topology.EVENTS + " cannot be received", e);
        }
    }

    private void consume(Channel from, String queue) throws IOException {
        from.basicConsume(
                queue,
                true,
                (tag, message) -> put(Optional.of(message)),
                tag -> put(Optional.empty()),
                (tag, signal) -> put(Optional.empty()));
    }

    private void put(Optional<Delivery> message) {
        try {
            arrived.put(message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Publishes the job, and returns when a job queue has it. A confirm alone is not enough: a message that was routed to no queue
     * is confirmed too.
     *
     * @throws BrokerException if it is not certain that a queue has the job
     */
    public void send(Job job) {
        String what = "The job " + job.jobId() + " was not sent";
        BasicProperties properties = new BasicProperties.Builder()
                .contentType("application/json")
                .contentEncoding(StandardCharsets.UTF_8.name())
                .deliveryMode(PERSISTENT)
                .timestamp(Date.from(Instant.now()))
                .appId("instancectl")
                // Checked by the broker, so that the worker can rely on it.
                .userId(user)
                .replyTo(REPLY_TO)
                .build();
        String routingKey = "job." + job.operation().lowerCaseName();
        returned.set(false);
        try {
            channel.basicPublish(Topology.JOBS, routingKey, true, properties, writer.write(job));
            if (!channel.waitForConfirms(CONFIRM_EXPECTED.toMillis())) {
                throw new BrokerException(what + ": RabbitMQ refused it");
            }
        } catch (TimeoutException e) {
            connection.abort((int) FAREWELL.toMillis());
            throw new BrokerException("RabbitMQ did not confirm the job " + job.jobId() + " within "
                    + CONFIRM_EXPECTED.toSeconds()
                    + " s. A worker may receive it all the same. See whether RabbitMQ blocks"
                    + " publishers, because memory or disk is short.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(what, e);
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException(what, e);
        }
        if (returned.get()) {
            throw new BrokerException(what + ": no queue is bound to " + Topology.JOBS + " for " + routingKey
                    + ". Has a worker declared the queues in this virtual host?");
        }
    }

    /**
     * The next result or event.
     *
     * @return null if none arrives in this time
     * @throws BrokerException if the connection is lost
     */
    public @Nullable ReceivedEvent next(Duration timeout) {
        try {
            Optional<Delivery> message = arrived.poll(Math.max(0, timeout.toMillis()), TimeUnit.MILLISECONDS);
            return message == null
                    ? null
                    : ReceivedEvent.read(message.orElseThrow(() -> new BrokerException(
                                    "RabbitMQ has closed the connection: " + connection.getCloseReason()))
                            .getBody());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException("The wait for results was interrupted", e);
        }
    }

    @Override
    public void close() {
        connection.abort((int) FAREWELL.toMillis());
    }
}
