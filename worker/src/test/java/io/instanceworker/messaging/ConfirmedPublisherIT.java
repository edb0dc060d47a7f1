package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.ConnectionFactory;
import io.instanceworker.job.DeliveryLostException;
import io.instanceworker.testing.HeldConfirms;
import io.instanceworker.testing.RabbitMqServer;
import io.instanceworker.testing.Servers;
import io.instanceworker.testing.VirtualHost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/** What a publisher makes of a real broker that does not take a message, or does not say so. */
class ConfirmedPublisherIT {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Message MESSAGE = new Message("result".getBytes(StandardCharsets.UTF_8));

    private static VirtualHost host;
    private static HeldConfirms broker;
    private static CachingConnectionFactory connections;
    private static RabbitAdmin admin;
    private static RabbitTemplate rabbit;

    private final AtomicInteger reconnects = new AtomicInteger();

    @BeforeAll
    static void start() {
        RabbitMqServer server = Servers.rabbit();
        host = server.createVirtualHost("ConfirmedPublisherIT");
        broker = new HeldConfirms(server.host(), server.port());
        ConnectionFactory factory = host.connectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(broker.port());
        connections = new CachingConnectionFactory(factory);
        connections.setPublisherConfirmType(ConfirmType.CORRELATED);
        connections.setPublisherReturns(true);
        admin = new RabbitAdmin(connections);
        rabbit = new RabbitTemplate(connections);
        rabbit.setMandatory(true);
    }

    @AfterAll
    static void stop() {
        connections.destroy();
        broker.close();
        host.close();
    }

    @BeforeEach
    void takeMessages() {
        broker.letGo();
        // The answer to a goodbye is held back, too.
        connections.setCloseTimeout((int) SOON.toMillis());
        connections.resetConnection();
    }

    private ConfirmedPublisher publisher(Duration confirmExpected, Runnable reconnect) {
        return new ConfirmedPublisher(
                rabbit,
                () -> {
                    reconnects.incrementAndGet();
                    reconnect.run();
                },
                confirmExpected);
    }

    private static String queue(String name) {
        return admin.declareQueue(new Queue(name));
    }

    @Test
    void aMessageConfirmedAtOnceNeedsNoNewConnection() {
        String queue = queue("taken");
        ConfirmedPublisher publisher = publisher(ConfirmedPublisher.CONFIRM_EXPECTED, connections::resetConnection);

        publisher.publish("", queue, MESSAGE);
        publisher.start("", queue, MESSAGE).await();
        publisher.publishOnce("", queue, MESSAGE, () -> {});

        assertThat(host.ready(queue)).isEqualTo(3);
        assertThat(reconnects).hasValue(0);
    }

    @Test
    void aMessageThatIsSentOnceIsNotSentAfterTheDeliveryIsLostOrTheWorkerHasStopped() {
        String queue = queue("once");
        ConfirmedPublisher publisher = publisher(ConfirmedPublisher.CONFIRM_EXPECTED, () -> {});
        publisher.publishOnce("", "nobody's", MESSAGE, () -> {});

        assertThatThrownBy(() -> publisher.publishOnce("", queue, MESSAGE, () -> {
                    throw new DeliveryLostException("lost");
                }))
                .hasMessage("lost");
        publisher.stop();
        assertThatThrownBy(() -> publisher.publishOnce("", queue, MESSAGE, () -> {}))
                .isInstanceOf(DeliveryLostException.class);

        assertThat(host.ready(queue)).isZero();
    }

    /** A channel that knows the leader of a queue by its old name goes on refusing. */
    @Test
    void aMessageRefusedTwiceIsPublishedThroughANewConnection() {
        String queue = admin.declareQueue(QueueBuilder.durable("full")
                .maxLength(1L)
                .overflow(QueueBuilder.Overflow.rejectPublish)
                .build());
        rabbit.send(queue, MESSAGE);
        ConfirmedPublisher publisher = publisher(ConfirmedPublisher.CONFIRM_EXPECTED, () -> {
            connections.resetConnection();
            admin.purgeQueue(queue);
        });

        publisher.start("", queue, MESSAGE).await();

        assertThat(host.ready(queue)).isEqualTo(1);
        assertThat(reconnects).hasValue(1);
    }

    @Test
    void anUnroutableMessageCausesNoNewConnection() {
        ConfirmedPublisher publisher = publisher(ConfirmedPublisher.CONFIRM_EXPECTED, connections::resetConnection);
        publisher.stopsSoon();

        assertThatThrownBy(() -> publisher.publish("", "nobody's", MESSAGE))
                .isInstanceOf(DeliveryLostException.class)
                .hasMessageContaining("no queue is bound for it");

        assertThat(reconnects).hasValue(0);
    }

    @Test
    void anUnconfirmedMessageIsPublishedThroughNewConnectionsUntilItIsConfirmed() {
        String queue = queue("blocked");
        ConfirmedPublisher publisher = publisher(SOON, connections::resetConnection);
        broker.hold();

        CompletableFuture<Void> taken = CompletableFuture.runAsync(() -> publisher.publish("", queue, MESSAGE));
        try {
            await("two new connections", () -> reconnects.get() >= 2);
            assertThat(taken).isNotDone();
        } finally {
            broker.letGo();
        }

        assertThat(taken).succeedsWithin(LIMIT);
        assertThat(host.ready(queue)).isGreaterThanOrEqualTo(2);
    }

    @Test
    void aMessageStartedWhileTheBrokerWasUnreachableIsPublishedByAwait() {
        String queue = queue("unreachable");
        ConfirmedPublisher publisher = publisher(ConfirmedPublisher.CONFIRM_EXPECTED, () -> {});
        broker.shut();
        ConfirmedPublisher.Publication publication;
        try {
            publication = publisher.start("", queue, MESSAGE);
        } finally {
            broker.open();
        }
        assertThat(host.ready(queue)).isZero();
        publication.await();
        assertThat(host.ready(queue)).isEqualTo(1);
    }

    /** The broker reads it when the alarm is over. */
    @Test
    void aMessageOnABlockedConnectionIsNotPublishedAgain() {
        try (RabbitMqServer blocked = RabbitMqServer.startOwn();
                VirtualHost itsHost = blocked.createVirtualHost("ConfirmedPublisherIT")) {
            CachingConnectionFactory itsConnections = new CachingConnectionFactory(itsHost.connectionFactory());
            itsConnections.setPublisherConfirmType(ConfirmType.CORRELATED);
            itsConnections.setPublisherReturns(true);
            String queue = new RabbitAdmin(itsConnections).declareQueue(new Queue("held-back"));
            RabbitTemplate template = new RabbitTemplate(itsConnections);
            template.setMandatory(true);
            PublisherConnection connection = new PublisherConnection(itsConnections);
            ConfirmedPublisher publisher = new ConfirmedPublisher(
                    template,
                    () -> {
                        reconnects.incrementAndGet();
                        connection.renew();
                    },
                    SOON);
            publisher.publish("", queue, MESSAGE);
            blocked.control("set_vm_memory_high_watermark", "0");
            CompletableFuture<Void> taken = CompletableFuture.runAsync(() -> publisher.publish("", queue, MESSAGE));
            await("it was about to connect anew three times", () -> reconnects.get() >= 3);
            assertThat(taken).isNotDone();
            assertThat(publisher.isStuck()).isTrue();
            blocked.control("set_vm_memory_high_watermark", "0.4");

            assertThat(taken).succeedsWithin(LIMIT);
            assertThat(publisher.isStuck()).isFalse();
            assertThat(itsHost.ready(queue)).isEqualTo(2);
            itsConnections.destroy();
        }
    }

    private static void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what).atMost(LIMIT).until(condition);
    }
}
