package io.instanceworker.messaging;

import io.instanceworker.job.FaultInjectionPoints;
import io.instanceworker.job.JobHandler;
import io.instanceworker.job.RunningJobs;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Servers;
import io.instanceworker.retry.Delay;
import io.instanceworker.settings.WorkerProperties;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionNameStrategy;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.ListenerContainerConsumerFailedEvent;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
public class MessagingConfiguration {

    /** One message for each consumer and its channel: if the broker closes a channel, only one message is redelivered. */
    static final int PREFETCH = 1;

    /** Number of consumers of a queue whose messages are only moved to the queues of the servers. */
    private static final int PASSING_ON = 2;

    private static final int EXIT_AFTER_ERROR = 99;

    /** The RabbitMQ management UI shows this name for the connection. */
    @Bean
    ConnectionNameStrategy connectionName(WorkerProperties properties) {
        return factory -> properties.name();
    }

    @Bean
    ConfirmedPublisher confirmedPublisher(ConnectionFactory connections) {
        if (!connections.isPublisherConfirms() || !connections.isPublisherReturns()) {
            throw new IllegalStateException("spring.rabbitmq.publisher-confirm-type must be correlated and"
                    + " spring.rabbitmq.publisher-returns true: without them a lost result would not be noticed");
        }
        RabbitTemplate rabbit = new RabbitTemplate(connections);
        rabbit.setMandatory(true);
        // Returned messages are found in the correlation data. Without a callback Spring would also log each of them.
        rabbit.setReturnsCallback(returned -> {});
        // A separate connection, so that acknowledgements are not blocked if the broker blocks publishers.
        rabbit.setUsePublisherConnection(true);
        return new ConfirmedPublisher(
                rabbit,
                new PublisherConnection(publisherConnections(connections))::renew,
                ConfirmedPublisher.CONFIRM_EXPECTED);
    }

    private static ConnectionFactory publisherConnections(ConnectionFactory connections) {
        return Objects.requireNonNull(connections.getPublisherConnectionFactory(), "a connection of its own");
    }

    @Bean
    HomeQueues homeQueues(Servers servers) {
        return new HomeQueues(servers.all().stream().map(Server::name).toList(), servers.defaultServer());
    }

    @Bean
    JobListener jobListener(
            JobHandler handler,
            HomeQueues homes,
            ConfirmedPublisher publisher,
            WorkerProperties properties,
            RunningJobs running,
            Clock clock,
            ConnectionFactory connections,
            OpenTelemetry openTelemetry) {
        FaultInjectionPoints points = FaultInjectionPoints.installed();
        Publishers publishers = new Publishers(properties.destructiveJobsFrom(), connections.getUsername());
        Traces traces = new Traces(openTelemetry);
        Duration shortest = properties.retry().tiers().get(0);
        OutcomePublisher outcomes = new OutcomePublisher(
                publisher,
                points,
                Pattern.compile(properties.replyToPattern()),
                new Delay(shortest, shortest),
                properties.name(),
                clock,
                publishers,
                traces);
        return new JobListener(
                handler, homes, outcomes, running, points, properties.retry().maxAttempts(), clock, publishers, traces);
    }

    @Bean
    Consumers consumers(
            ConnectionFactory connections,
            JobListener listener,
            HomeQueues homes,
            WorkerProperties properties,
            ApplicationContext context,
            ConfirmedPublisher publisher,
            TopologyCheck topology) {
        List<JobConsumer> consumers = new ArrayList<>();
        for (HomeQueues.Home home : homes.all()) {
            WorkerProperties.Server server = properties.server(home.server());
            int width = home.changes() ? server.maxConcurrentJobs() : server.maxConcurrentQueries();
            consumers.add(
                    new JobConsumer(() -> container(connections, listener, properties, context, home.queue(), width)));
        }
        for (String queue : homes.common()) {
            consumers.add(
                    new JobConsumer(() -> container(connections, listener, properties, context, queue, PASSING_ON)));
        }
        return new Consumers(consumers, publisher, topology);
    }

    @Bean
    TopologyCheck topologyCheck(ConnectionFactory connections, HomeQueues homes, WorkerProperties properties) {
        return new TopologyCheck(
                connections,
                Topology.declarables(properties.retry().tiers(), homes),
                properties.declareTopology() ? TopologyCheck.Mode.DECLARE : TopologyCheck.Mode.EXIST);
    }

    /** A consumer may fail because its queue was deleted, so the topology is checked at once. */
    @Bean
    ApplicationListener<ListenerContainerConsumerFailedEvent> consumerFailed(TopologyCheck topology) {
        return event -> topology.request();
    }

    private static SimpleMessageListenerContainer container(
            ConnectionFactory connections,
            JobListener listener,
            WorkerProperties properties,
            ApplicationContext context,
            String queue,
            int width) {
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(connections);
        container.setApplicationContext(context);
        container.setApplicationEventPublisher(context);
        container.setBeanName(queue);
        container.setQueueNames(queue);
        container.setMessageListener(listener);
        container.setAcknowledgeMode(AcknowledgeMode.MANUAL);
        container.setPrefetchCount(PREFETCH);
        container.setConcurrentConsumers(width);
        container.setMissingQueuesFatal(false);
        container.setAutoDeclare(false);
        // A connection that breaks during the login looks like a wrong password. Without this setting it would stop the
        // container for good.
        container.setPossibleAuthenticationFailureFatal(false);
        container.setMessagePropertiesConverter(new LenientPropertiesConverter());
        // Spring's handler calls exit, which waits for this thread. After halt the broker redelivers the job at once.
        container.setJavaLangErrorHandler(error -> Runtime.getRuntime().halt(EXIT_AFTER_ERROR));
        container.setShutdownTimeout(properties.shutdownGrace().toMillis());
        container.setConsumerTagStrategy(q -> properties.name() + "/" + q + "/" + UUID.randomUUID());
        return container;
    }
}
