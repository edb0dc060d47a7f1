package io.instanceworker.demo;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Hears every event as it is published, by way of a queue of its own: those in {@code instance.status} stay there for
 * whoever records them.
 */
final class Events implements AutoCloseable {

    private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    private final Connection connection;

    private Events(Connection connection) {
        this.connection = connection;
    }

    /** The exchange must be there already. */
    static Events subscribe(Broker broker) throws IOException, TimeoutException {
        Connection connection = broker.connectionFactory().newConnection("demo");
        Events events = new Events(connection);
        Channel channel = connection.createChannel();
        String queue = channel.queueDeclare().getQueue();
        channel.queueBind(queue, Broker.EVENTS, "#");
        channel.basicConsume(queue, true, (tag, delivery) -> events.arrived.add(delivery), tag -> {});
        return events;
    }

    /** @return null if none came in that time */
    @Nullable Received next(Duration patience) throws InterruptedException {
        Delivery delivery = arrived.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        return delivery == null ? null : Received.of(delivery);
    }

    @Override
    public void close() {
        connection.abort();
    }
}
