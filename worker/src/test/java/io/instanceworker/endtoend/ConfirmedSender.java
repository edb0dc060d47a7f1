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

/** Sends jobs as a service should: each until the broker has confirmed it, perhaps twice. */
final class ConfirmedSender implements AutoCloseable {

    private static final int CONFIRM_MILLIS = 10_000;

    private final VirtualHost host;
    private @Nullable Connection connection;
    private @Nullable Channel channel;

    ConfirmedSender(VirtualHost host) {
        this.host = host;
    }

    /** @return how often it was sent, and so how many messages of it there may be */
    int send(JobJson job) {
        AtomicInteger times = new AtomicInteger();
        Await.factory("a confirm of " + job.jobId())
                .ignoreExceptionsMatching(e -> !(e instanceof InterruptedException))
                .until(() -> {
                    times.incrementAndGet();
                    return trySend(job);
                });
        return times.get();
    }

    private boolean trySend(JobJson job) throws IOException, TimeoutException, InterruptedException {
        try {
            Channel open = channel();
            open.basicPublish(
                    EndToEnd.JOBS,
                    "job.sent",
                    MessageProperties.PERSISTENT_BASIC,
                    job.toString().getBytes(StandardCharsets.UTF_8));
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
