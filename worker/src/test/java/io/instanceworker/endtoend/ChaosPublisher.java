package io.instanceworker.endtoend;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Publishes each message until the broker confirms it, and counts how often the broker may have it. */
final class ChaosPublisher implements AutoCloseable {

    private static final int CONFIRM_MILLIS = 10_000;
    private static final int PAUSE_MILLIS = 200;
    private static final BasicProperties PERSISTENT =
            new BasicProperties.Builder().deliveryMode(2).build();

    private final ConnectionFactory factory;
    private Channel channel;

    ChaosPublisher(VirtualHost host) {
        factory = host.connectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
    }

    /** @return how often the message may be at the broker: once, and once more for every confirm that was lost */
    int publish(ChaosPost post) throws InterruptedException {
        int sent = 0;
        while (true) {
            try {
                Channel open = channel();
                sent++;
                open.basicPublish(EndToEnd.JOBS, post.routingKey(), PERSISTENT, post.bytes());
                if (open.waitForConfirms(CONFIRM_MILLIS)) {
                    return sent;
                }
            } catch (IOException | TimeoutException | RuntimeException e) {
                abort();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
    }

    private Channel channel() throws IOException, TimeoutException {
        if (channel == null || !channel.isOpen()) {
            abort();
            Connection connection = factory.newConnection();
            channel = connection.createChannel();
            channel.confirmSelect();
        }
        return channel;
    }

    private void abort() {
        if (channel != null) {
            channel.getConnection().abort();
            channel = null;
        }
    }

    @Override
    public void close() {
        abort();
    }
}
