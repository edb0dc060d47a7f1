package io.instanceworker.messaging.deadletters;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.messaging.Topology;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Looks through the dead queue over one channel. What is taken from the queue is acknowledged only when it is replayed or
 * discarded; everything else goes back as soon as the channel ends, however it ends.
 */
final class DeadLetterQueue implements AutoCloseable {

    private static final Duration CONFIRM_EXPECTED = Duration.ofSeconds(30);

    /** For the farewell to a broker that holds back publishers, and with them all else on their connection. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final Connection connection;
    private final Channel channel;
    private final AtomicBoolean returned = new AtomicBoolean();

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

    /** Each message that is there now, once; one that is replayed and comes back is not among them. */
    void forEach(Consumer<DeadLetter> action) {
        try {
            long count = channel.messageCount(Topology.DEAD);
            for (long i = 0; i < count; i++) {
                GetResponse message = channel.basicGet(Topology.DEAD, false);
                if (message == null) {
                    return;
                }
                action.accept(new DeadLetter(message));
            }
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
