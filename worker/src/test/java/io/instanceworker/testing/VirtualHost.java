package io.instanceworker.testing;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A corner of the broker for one test class. Closing it ends its connections and removes its queues. */
public final class VirtualHost implements AutoCloseable {

    private static final int RECOVERY_MILLIS = 500;

    private final List<RabbitMqServer> nodes;
    private final String name;

    @Nullable private final Login user;

    /** @param nodes the broker, or all nodes of a cluster */
    VirtualHost(List<? extends RabbitMqServer> nodes, String name) {
        this(nodes, name, null);
    }

    private VirtualHost(List<? extends RabbitMqServer> nodes, String name, @Nullable Login user) {
        this.nodes = List.copyOf(nodes);
        this.name = name;
        this.user = user;
    }

    /** As another user than the broker's administrator finds it. Not to be closed. */
    public VirtualHost as(Login other) {
        return new VirtualHost(nodes, name, other);
    }

    public String name() {
        return name;
    }

    /** The broker; of a cluster the first node that runs. */
    public RabbitMqServer server() {
        return nodes.stream().filter(RabbitMqServer::isRunning).findFirst().orElse(nodes.get(0));
    }

    public ConnectionFactory connectionFactory() {
        ConnectionFactory factory = server().connectionFactory(name);
        if (user != null) {
            factory.setUsername(user.username());
            factory.setPassword(user.password());
        }
        return factory;
    }

    /** A connection that comes back by itself after the broker was away, in a cluster to any node. */
    public Connection connect() throws IOException, TimeoutException {
        ConnectionFactory factory = connectionFactory();
        factory.setNetworkRecoveryInterval(RECOVERY_MILLIS);
        return factory.newConnection(addresses());
    }

    /** One that is lost when it breaks, for a publisher that must know which messages were confirmed. */
    public Connection connectOnce() throws IOException, TimeoutException {
        ConnectionFactory factory = connectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection(addresses());
    }

    private List<Address> addresses() {
        return nodes.stream().map(node -> new Address(node.host(), node.port())).toList();
    }

    /** What an application under test needs to connect here. */
    public Map<String, String> springProperties() {
        Map<String, String> properties = new HashMap<>(Map.of(
                "spring.rabbitmq.username", connectionFactory().getUsername(),
                "spring.rabbitmq.password", connectionFactory().getPassword(),
                "spring.rabbitmq.virtual-host", name));
        if (nodes.size() == 1) {
            properties.put("spring.rabbitmq.host", server().host());
            properties.put("spring.rabbitmq.port", String.valueOf(server().port()));
        } else {
            properties.put(
                    "spring.rabbitmq.addresses",
                    nodes.stream().map(node -> node.host() + ":" + node.port()).collect(Collectors.joining(",")));
        }
        return properties;
    }

    /** Messages ready in a queue at this moment, as the broker tells its clients. */
    public long ready(String queue) {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            return channel.messageCount(queue);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many consumers take messages from a queue. */
    public long consumers(String queue) {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            return channel.consumerCount(queue);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server().management().deleteVirtualHost(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
