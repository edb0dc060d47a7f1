package io.instanceworker.messaging;

import io.instanceworker.job.JobHandler;
import io.instanceworker.job.JobPoints;
import io.instanceworker.job.JobsInHand;
import io.instanceworker.settings.WorkerProperties;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionNameStrategy;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

@Configuration(proxyBeanMethods = false)
class MessagingConfiguration {

    /** One consumer is one channel, so that a channel the broker closes takes no other job's message with it. */
    private static final int PREFETCH = 1;

    private static final int EXIT_AFTER_ERROR = 99;
    private static final int BEFORE_THE_LANES = 0;

    @Bean
    @ConditionalOnBooleanProperty(name = "instance-worker.declare-topology", matchIfMissing = true)
    Declarables topology(WorkerProperties properties) {
        return Topology.declarables(properties.retry().tiers(), properties.rememberEnds());
    }

    /** The management page then says whose connection it is. */
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
        // A connection of its own, so that a broker that holds back publishers does not hold back acknowledgements.
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
    StopPublishing stopPublishing(ConfirmedPublisher publisher) {
        return new StopPublishing(publisher);
    }

    /** Told when the worker is to stop, and again when the lanes have stopped: they are of a later phase than this. */
    record StopPublishing(ConfirmedPublisher publisher) implements SmartLifecycle {
        @EventListener
        void closed(ContextClosedEvent event) {
            publisher.stop();
        }

        @Override
        public void start() {}

        @Override
        public void stop() {
            publisher.stopped();
        }

        @Override
        public boolean isRunning() {
            return true;
        }

        @Override
        public int getPhase() {
            return BEFORE_THE_LANES;
        }
    }

    @Bean
    JobListener jobListener(
            JobHandler handler,
            ConfirmedPublisher publisher,
            ConnectionFactory connections,
            WorkerProperties properties,
            JobsInHand inHand,
            Clock clock) {
        JobPoints points = JobPoints.installed();
        Consequences consequences = new Consequences(
                new ResultPublisher(publisher, clock),
                publisher,
                properties.rememberEnds() ? new EndedJobs(connections, publisher, clock) : null,
                points,
                properties.name(),
                clock);
        return new JobListener(
                handler, consequences, inHand, points, properties.retry().maxDeliveries(), clock);
    }

    @Bean
    Lane provisionLane(
            ConnectionFactory connections,
            JobListener listener,
            WorkerProperties properties,
            ApplicationContext context) {
        int consumers = properties.lanes().provision();
        return new Lane(() -> container(connections, listener, properties, context, Topology.PROVISION, consumers));
    }

    @Bean
    Lane queryLane(
            ConnectionFactory connections,
            JobListener listener,
            WorkerProperties properties,
            ApplicationContext context) {
        int consumers = properties.lanes().query();
        return new Lane(() -> container(connections, listener, properties, context, Topology.QUERY, consumers));
    }

    private static SimpleMessageListenerContainer container(
            ConnectionFactory connections,
            JobListener listener,
            WorkerProperties properties,
            ApplicationContext context,
            String queue,
            int consumers) {
        SimpleMessageListenerContainer lane = new SimpleMessageListenerContainer(connections);
        lane.setApplicationContext(context);
        lane.setBeanName(queue);
        lane.setQueueNames(queue);
        lane.setMessageListener(listener);
        lane.setAcknowledgeMode(AcknowledgeMode.MANUAL);
        lane.setPrefetchCount(PREFETCH);
        lane.setConcurrentConsumers(consumers);
        lane.setMissingQueuesFatal(false);
        // A connection that breaks while logging in looks like a wrong password, and would end the lane for good.
        lane.setPossibleAuthenticationFailureFatal(false);
        lane.setMessagePropertiesConverter(new LenientPropertiesConverter());
        // Spring's own exits, which waits for this very thread; ended at once, the job is another worker's at once.
        lane.setJavaLangErrorHandler(error -> Runtime.getRuntime().halt(EXIT_AFTER_ERROR));
        lane.setShutdownTimeout(properties.shutdownGrace().toMillis());
        lane.setConsumerTagStrategy(q -> properties.name() + "/" + q + "/" + UUID.randomUUID());
        return lane;
    }

    @Bean
    Consumers consumers(List<Lane> lanes, ConfirmedPublisher publisher) {
        return new Consumers(lanes, publisher);
    }
}
