package io.instanceworker.endtoend;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Publishes as a service should: each message until the broker has confirmed it, perhaps twice. */
final class ConfirmedSender implements AutoCloseable {

    private static final int CONFIRM_MILLIS = 10_000;

    private final VirtualHost host;
    private @Nullable Connection connection;
    private @Nullable Channel channel;

    ConfirmedSender(VirtualHost host) {
        this.host = host;
    }

    /** @return how often it was sent, and so how many messages of it there may be */
    int send(String routingKey, String body) {
        AtomicInteger times = new AtomicInteger();
        Await.factory("a confirm of " + body)
                .ignoreExceptionsMatching(e -> !(e instanceof InterruptedException))
                .until(() -> trySend(routingKey, body, times));
        return times.get();
    }

    private boolean trySend(String routingKey, String body, AtomicInteger times)
            throws IOException, TimeoutException, InterruptedException {
        try {
            Channel open = channel();
            times.incrementAndGet();
            open.basicPublish(
                    EndToEnd.JOBS,
                    routingKey,
                    MessageProperties.PERSISTENT_BASIC,
                    body.getBytes(StandardCharsets.UTF_8));
            boolean confirmed = open.waitForConfirms(CONFIRM_MILLIS);
            if (!confirmed) {
                // A channel that knows the leader of a queue by its old name refuses everything.
                close();
            }
            return confirmed;
        } catch (IOException | RuntimeException | TimeoutException e) {
            close();
            throw e;
        }
    }

    private Channel channel() throws IOException, TimeoutException {
        if (channel == null) {
            connection = host.connectOnce();
            channel = connection.createChannel();
            channel.confirmSelect();
        }
        return channel;
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.abort(CONFIRM_MILLIS);
        }
        channel = null;
    }
}
