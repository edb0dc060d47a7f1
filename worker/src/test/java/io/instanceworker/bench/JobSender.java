package io.instanceworker.bench;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Publishes with confirms. */
final class JobSender implements AutoCloseable {

    static final String JOBS = "instance.jobs";

    private static final int WITHOUT_CONFIRM = 500;
    private static final long CONFIRM_MILLIS = 60_000;

    private final Connection connection;
    private final Channel channel;

    JobSender(VirtualHost host) throws IOException, TimeoutException {
        connection = host.connectOnce();
        channel = connection.createChannel();
        channel.confirmSelect();
    }

    /** @return the time before it was published */
    long send(BenchJob job) throws IOException, InterruptedException, TimeoutException {
        long before = System.nanoTime();
        publish(JOBS, job.routingKey(), job.body());
        channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
        return before;
    }

    void sendAll(List<BenchJob> jobs) throws IOException, InterruptedException, TimeoutException {
        for (int i = 0; i < jobs.size(); i++) {
            publish(JOBS, jobs.get(i).routingKey(), jobs.get(i).body());
            if (i % WITHOUT_CONFIRM == 0) {
                channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
            }
        }
        channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
    }

    void sendCopies(String exchange, String routingKey, String body, int count)
            throws IOException, InterruptedException, TimeoutException {
        for (int i = 0; i < count; i++) {
            publish(exchange, routingKey, body);
            if (i % WITHOUT_CONFIRM == 0) {
                channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
            }
        }
        channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
    }

    private void publish(String exchange, String routingKey, String body) throws IOException {
        channel.basicPublish(
                exchange,
                routingKey,
                MessageProperties.MINIMAL_PERSISTENT_BASIC,
                body.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        connection.abort();
    }
}
