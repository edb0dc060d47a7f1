package io.instanceworker.demo;

import com.rabbitmq.client.ConnectionFactory;
import io.instanceworker.testing.ManagementApi;
import io.instanceworker.testing.RabbitMqServer;
import java.util.Map;

/** The virtual host of a RabbitMQ server that the worker listens to, and where an operator publishes jobs. */
record Broker(RabbitMqServer server, String virtualHost) {

    static final String JOBS = "instance.jobs";
    static final String EVENTS = "instance.events";
    static final String STATUS = "instance.status";
    static final String DEAD = "instance.jobs.dead";

    ManagementApi management() {
        return server.management();
    }

    /** As the form "Publish message" of the management page does: nothing but a routing key and a payload. */
    void publish(String routingKey, String payload) {
        management().publish(virtualHost, JOBS, routingKey, payload);
    }

    ConnectionFactory connectionFactory() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(server.host());
        factory.setPort(server.port());
        factory.setUsername(server.username());
        factory.setPassword(server.password());
        factory.setVirtualHost(virtualHost);
        return factory;
    }

    Map<String, String> workerSettings() {
        return Map.of(
                "spring.rabbitmq.host", server.host(),
                "spring.rabbitmq.port", String.valueOf(server.port()),
                "spring.rabbitmq.username", server.username(),
                "spring.rabbitmq.password", server.password(),
                "spring.rabbitmq.virtual-host", virtualHost);
    }
}
