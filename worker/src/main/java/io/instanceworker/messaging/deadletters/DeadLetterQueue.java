package io.instanceworker.messaging.deadletters;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.messaging.Topology;
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
 * Looks through the dead queue over one channel. What is taken from the queue is acknowledged only when it is replayed or
 * discarded; everything else goes back as soon as the channel ends, however it ends.
 */
final class DeadLetterQueue implements AutoCloseable {

    /** Whole messages in our memory; the broker allows up to 16 or 128 MiB for each. */
    private static final int READ_AHEAD = 16;

    /** After that long without a message, there is none left. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private static final Duration CONFIRM_EXPECTED = Duration.ofSeconds(30);

    /** For the farewell to a broker that holds back publishers, and with them all else on their connection. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final Connection connection;
    private final Channel channel;
    private final AtomicBoolean returned = new AtomicBoolean();

    /** Empty when nothing more will come. */
    private final BlockingQueue<Optional<Delivery>> arrived = new LinkedBlockingQueue<>();

    private long settled;

    DeadLetterQueue(Connection connection) {
        this.connection = connection;
        try {
            channel = connection.createChannel();
            channel.confirmSelect();
            channel.addReturnListener(message -> returned.set(true));
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException("RabbitMQ gives no channel", e);
        }
    }

    /**
     * Each message that is there now, once; one that is replayed and comes back is not among them. The broker keeps what was
     * read and not settled from being read again, and sends no more than a few messages ahead, so that large ones do not
     * fill the memory. A consumer whose places are all taken by messages that stay is followed by another.
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
                    // Somebody else has taken the rest.
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
     * Takes it from the dead queue only when another queue has it. A confirm alone is not enough: a message that no queue
     * takes is confirmed too.
     *
     * @throws BrokerException if no queue is known to have it; it then stays
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
            throw new BrokerException("RabbitMQ went away; what was replayed or discarded last may still be there", e);
        }
    }
}
