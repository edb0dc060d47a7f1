package io.instanceworker.messaging.deadletters;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.client.BrokerException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Reads the dead queue over one channel. A message is acknowledged only when it was replayed or discarded. All others go back
 * to the queue when the channel is closed for any reason.
 */
final class DeadLetterQueue implements AutoCloseable {

    /** How many messages are in memory at once. The broker permits up to 16 or 128 MiB for each. */
    private static final int READ_AHEAD = 16;

    /** If no message arrives in this time, there are no more. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private static final Duration CONFIRM_EXPECTED = Duration.ofSeconds(30);

    /** How long to wait for the close of a connection that the broker blocks. It blocks everything on that connection. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final Connection connection;
    private final Channel channel;
    private final AtomicBoolean returned = new AtomicBoolean();

    /** An empty element means that no more messages will arrive. */
    private final BlockingQueue<Optional<Delivery>> arrived = new LinkedBlockingQueue<>();

    private long settled;

    DeadLetterQueue(Connection connection) {
        this.connection = connection;
        try {
            channel = connection.createChannel();
            channel.confirmSelect();
            channel.addReturnListener(message -> returned.set(true));
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException("RabbitMQ did not open a channel", e);
        }
    }

    /**
     * Runs the action once for each message that is in the queue now. A message that is replayed and comes back is not read
     * again. The broker does not deliver an unacknowledged message a second time. The prefetch count is small, so that large
     * messages do not fill the memory. Messages that stay in the queue use up the prefetch count of a consumer; then a further
     * consumer is added.
     */
    void forEach(Consumer<DeadLetter> action) {
        try {
            long count = channel.messageCount(Topology.DEAD);
            channel.basicQos(READ_AHEAD);
            long places = 0;
            settled = 0;
            for (long seen = 0; seen < count; seen++) {
                if (seen - settled == places) {
                    channel.basicConsume(
                            Topology.DEAD,
                            false,
                            (tag, message) -> arrived.add(Optional.of(message)),
                            tag -> arrived.add(Optional.empty()),
                            (tag, signal) -> arrived.add(Optional.empty()));
                    places += READ_AHEAD;
                }
                Optional<Delivery> message = arrived.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
                if (message == null) {
                    // Another consumer has received the rest.
                    return;
                }
                action.accept(new DeadLetter(message.orElseThrow(() -> new BrokerException("The queue " + Topology.DEAD
                        + " was deleted, or RabbitMQ closed the" + " connection: " + channel.getCloseReason()))));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException("The queue " + Topology.DEAD + " was not read to its end", e);
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException("The queue " + Topology.DEAD + " cannot be read", e);
        }
    }

    /**
     * Publishes the message to the jobs exchange, and removes it from the dead queue only when a job queue has it. A confirm
     * alone is not enough: a message that was routed to no queue is confirmed too.
     *
     * @throws BrokerException if it is not certain that a queue has the message; then it stays in the dead queue
     */
    void replay(DeadLetter letter) {
        String what = "The message " + letter.id() + " was not replayed and stays in " + Topology.DEAD;
        returned.set(false);
        try {
            channel.basicPublish(Topology.JOBS, letter.routingKey(), true, letter.propertiesOfReplay(), letter.body());
            if (!channel.waitForConfirms(CONFIRM_EXPECTED.toMillis())) {
                throw new BrokerException(what + ": RabbitMQ refused it");
            }
        } catch (TimeoutException e) {
            connection.abort((int) FAREWELL.toMillis());
            throw new BrokerException(what + ": RabbitMQ did not confirm it within " + CONFIRM_EXPECTED.toSeconds()
                    + " s. It may be among the jobs all the same; see whether RabbitMQ blocks publishers, for want of"
                    + " memory or disk.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(what, e);
        } catch (IOException | ShutdownSignalException | IllegalArgumentException e) {
            throw new BrokerException(what, e);
        }
        if (returned.get()) {
            throw new BrokerException(what + ": no queue is bound to " + Topology.JOBS + " for it");
        }
        discard(letter);
    }

    void discard(DeadLetter letter) {
        try {
            channel.basicAck(letter.deliveryTag(), false);
            settled++;
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException("The message " + letter.id() + " is still in " + Topology.DEAD, e);
        }
    }

    /** Returns when the broker has all acknowledgements. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close();
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            throw new BrokerException(
                    "RabbitMQ is disconnected; what was replayed or discarded last may still be there", e);
        }
    }
}
