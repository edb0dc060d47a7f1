package io.instanceworker.testing;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** A corner of the broker for one test class. Closing it ends its connections and removes its queues. */
public final class VirtualHost implements AutoCloseable {

    private final RabbitMqServer server;
    private final String name;

    VirtualHost(RabbitMqServer server, String name) {
        this.server = server;
        this.name = name;
    }

    public String name() {
        return name;
    }

    public RabbitMqServer server() {
        return server;
    }

    public ConnectionFactory connectionFactory() {
        return server.connectionFactory(name);
    }

    /** What an application under test needs to connect here. */
    public Map<String, String> springProperties() {
        return Map.of(
                "spring.rabbitmq.host", server.host(),
                "spring.rabbitmq.port", String.valueOf(server.port()),
                "spring.rabbitmq.username", server.username(),
                "spring.rabbitmq.password", server.password(),
                "spring.rabbitmq.virtual-host", name);
    }

    /** Messages ready in a queue at this moment, as the broker tells its clients. */
    public long ready(String queue) {
        try (Connection connection = connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            return channel.messageCount(queue);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.management().deleteVirtualHost(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
