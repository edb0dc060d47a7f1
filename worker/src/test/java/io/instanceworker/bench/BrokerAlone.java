package io.instanceworker.bench;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;

/**
 * What the broker does without a worker: a plain client takes each message, publishes one with a confirm to an exchange
 * with a bound quorum queue, and acknowledges, on as many channels as the worker has.
 */
final class BrokerAlone {

    static final String EVENTS = "bench.events";

    private static final String JOBS = "bench.jobs";
    private static final String STATUS = "bench.status";
    private static final String ROUTING_KEY = "status.status.succeeded";
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final long CONFIRM_MILLIS = 60_000;

    private final VirtualHost host;
    private final int width;
    private final String job;
    private final byte[] event;

    BrokerAlone(VirtualHost host, int width, String job, String event) throws IOException, TimeoutException {
        this.host = host;
        this.width = width;
        this.job = job;
        this.event = event.getBytes(StandardCharsets.UTF_8);
        declare(host);
    }

    static void declare(VirtualHost host) throws IOException, TimeoutException {
        Map<String, Object> quorum = Map.of("x-queue-type", "quorum");
        try (Connection connection = host.connectOnce();
                Channel channel = connection.createChannel()) {
            channel.exchangeDeclare(EVENTS, "topic", true);
            channel.queueDeclare(JOBS, true, false, false, quorum);
            channel.queueDeclare(STATUS, true, false, false, quorum);
            channel.queueBind(STATUS, EVENTS, "#");
        }
    }

    Spans run(int count) throws IOException, InterruptedException, TimeoutException {
        try (JobSender sender = new JobSender(host)) {
            sender.sendCopies("", JOBS, job, count);
        }
        Queue<Span> done = new ConcurrentLinkedQueue<>();
        ExecutorService threads = Executors.newFixedThreadPool(width);
        ConnectionFactory factory = host.connectionFactory();
        factory.setSharedExecutor(threads);
        try (Connection connection = factory.newConnection()) {
            for (int i = 0; i < width; i++) {
                consume(connection.createChannel(), done);
            }
            Await.until("the broker alone has handled " + count + " messages", LIMIT, () -> done.size() >= count);
            try (Channel channel = connection.createChannel()) {
                channel.queuePurge(STATUS);
            }
        } finally {
            threads.shutdown();
        }
        return new Spans(List.copyOf(done));
    }

    private void consume(Channel channel, Queue<Span> done) throws IOException {
        channel.basicQos(1);
        channel.confirmSelect();
        channel.basicConsume(JOBS, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                    throws IOException {
                long start = System.nanoTime();
                channel.basicPublish(EVENTS, ROUTING_KEY, true, MessageProperties.MINIMAL_PERSISTENT_BASIC, event);
                awaitConfirm(channel);
                channel.basicAck(envelope.getDeliveryTag(), false);
                done.add(Span.since(start));
            }
        });
    }

    private static void awaitConfirm(Channel channel) throws IOException {
        try {
            channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (TimeoutException e) {
            throw new IOException("The broker did not confirm", e);
        }
    }
}
