package io.instanceworker.endtoend;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.json.JsonMapper;

/** Takes every event, comes back whenever the broker does, and acknowledges only what it has. */
final class ChaosRecorder implements AutoCloseable {

    private static final int PREFETCH = 100;
    private static final int PAUSE_MILLIS = 200;

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<String> mistakes = new CopyOnWriteArrayList<>();
    private final ConnectionFactory factory;
    private final Collection<String> secrets;
    private final Thread thread = new Thread(this::run, "record-events");

    ChaosRecorder(VirtualHost host, Collection<String> secrets) {
        this.factory = host.connectionFactory();
        this.secrets = secrets;
        factory.setAutomaticRecoveryEnabled(false);
        thread.setDaemon(true);
        thread.start();
    }

    List<Event> events() {
        return List.copyOf(events);
    }

    /** What was wrong with single events, whatever came before and after them. */
    List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    private void run() {
        try {
            while (true) {
                try (Connection connection = factory.newConnection()) {
                    recordUntilItEnds(connection.createChannel());
                } catch (IOException | TimeoutException | RuntimeException e) {
                    // The broker is away.
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void recordUntilItEnds(Channel channel) throws IOException, InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        channel.basicQos(PREFETCH);
        channel.basicConsume(Events.QUEUE, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                    throws IOException {
                record(envelope.getRoutingKey(), properties, body);
                channel.basicAck(envelope.getDeliveryTag(), false);
            }

            @Override
            public void handleCancel(String tag) {
                ended.countDown();
            }

            @Override
            public void handleShutdownSignal(String tag, ShutdownSignalException reason) {
                ended.countDown();
            }
        });
        ended.await();
    }

    private void record(String routingKey, BasicProperties properties, byte[] bytes) {
        String body = new String(bytes, StandardCharsets.UTF_8);
        try {
            Event event =
                    new Event(routingKey, properties, body, JsonMapper.shared().readTree(body));
            events.add(event);
            EventChecks.check(event, bytes);
            Secrets.requireNone(secrets, "an event", body + properties);
        } catch (RuntimeException | AssertionError e) {
            mistakes.add(e.getMessage() + "\n  in " + body);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
