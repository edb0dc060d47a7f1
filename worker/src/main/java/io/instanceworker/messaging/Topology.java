package io.instanceworker.messaging;

import io.instanceworker.contracts.Operation;
import io.instanceworker.settings.WorkerProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Binding.DestinationType;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;

/**
 * The exchanges and queues, with the names of the contract. Every queue is a quorum queue. Dead-lettering between them is
 * at-least-once, because with the default a message is lost if the broker stops at that moment.
 */
public final class Topology {

    public static final String JOBS = "instance.jobs";
    public static final String EVENTS = "instance.events";
    static final String PROVISION = "instance.jobs.provision";
    static final String QUERY = "instance.jobs.query";
    public static final String DEAD = "instance.jobs.dead";
    static final String STATUS = "instance.status";

    /** The alternate exchange of {@link #JOBS}, for jobs that match no binding. */
    static final String UNROUTED = "instance.jobs.unrouted";

    /** Routes to a wait tier by a header, so that the routing key can be that of the job's queue. */
    static final String WAIT = "instance.jobs.wait";

    /** Does not start with x-, because a headers exchange ignores such headers. */
    public static final String TIER_HEADER = "iw-tier";

    static final String DEFAULT_EXCHANGE = "";

    /** From RabbitMQ 4.0 on the default limit is 20: a quorum queue drops a message that was read and returned more often. */
    private static final int READS_OF_DEAD_LETTERS = 1_000_000;

    private Topology() {}

    /** The name of a tier in the names of queues: {@code 5s}, {@code 2m}. */
    static String tierName(Duration delay) {
        if (delay.toMillisPart() != 0) {
            return delay.toMillis() + "ms";
        }
        if (delay.toSecondsPart() != 0) {
            return delay.toSeconds() + "s";
        }
        return delay.toMinutesPart() != 0 ? delay.toMinutes() + "m" : delay.toHours() + "h";
    }

    /** @param servers the names of the configured servers */
    public static List<Declarable> declarables(List<Duration> tiers, Collection<String> servers) {
        return declarables(tiers, new HomeQueues(servers, null));
    }

    /** The queues that a worker with these servers receives messages from. */
    public static List<String> consumedQueues(Collection<String> servers) {
        HomeQueues homes = new HomeQueues(servers, null);
        return Stream.concat(homes.all().stream().map(HomeQueues.Home::queue), homes.common().stream())
                .toList();
    }

    /** The exchanges that a worker publishes to. */
    public static List<String> publishedTo() {
        return List.of(EVENTS, WAIT, DEFAULT_EXCHANGE);
    }

    /** @param homes the queues of the servers */
    static List<Declarable> declarables(List<Duration> tiers, HomeQueues homes) {
        List<Declarable> all = new ArrayList<>();
        all.add(ExchangeBuilder.topicExchange(JOBS)
                .durable(true)
                .alternate(UNROUTED)
                .build());
        all.add(ExchangeBuilder.fanoutExchange(UNROUTED).durable(true).build());
        all.add(ExchangeBuilder.headersExchange(WAIT).durable(true).build());
        all.add(ExchangeBuilder.topicExchange(EVENTS).durable(true).build());

        all.add(jobQueue(PROVISION));
        all.add(jobQueue(QUERY));
        all.add(bound(PROVISION, UNROUTED, ""));
        for (Operation operation : Operation.values()) {
            String queue = operation.changesDatabases() ? PROVISION : QUERY;
            all.add(bound(queue, JOBS, "job." + operation.lowerCaseName()));
        }
        all.add(QueueBuilder.durable(DEAD)
                .quorum()
                .deliveryLimit(READS_OF_DEAD_LETTERS)
                .build());
        all.add(QueueBuilder.durable(STATUS).quorum().build());
        all.add(bound(STATUS, EVENTS, "#"));
        if (homes.hasOwnQueues()) {
            for (HomeQueues.Home home : homes.all()) {
                all.add(jobQueue(home.queue()));
                for (Operation operation : Operation.values()) {
                    if (operation.changesDatabases() == home.changes()) {
                        all.add(bound(home.queue(), JOBS, "job." + operation.lowerCaseName() + "." + home.server()));
                    }
                }
            }
        }
        for (Duration tier : tiers) {
            Queue queue = waitQueue(tier);
            all.add(queue);
            all.add(new Binding(
                    queue.getName(),
                    DestinationType.QUEUE,
                    WAIT,
                    "",
                    Map.of("x-match", "all", TIER_HEADER, tierName(tier))));
        }
        return all;
    }

    /** Dead-letters directly into the dead queue. Through a wait queue it would be a cycle, and the broker drops cycles. */
    private static Queue jobQueue(String name) {
        return QueueBuilder.durable(name)
                .quorum()
                .deliveryLimit(WorkerProperties.BROKER_DELIVERY_LIMIT)
                .withArgument("x-overflow", "reject-publish")
                .withArgument("x-dead-letter-strategy", "at-least-once")
                .deadLetterExchange(DEFAULT_EXCHANGE)
                .deadLetterRoutingKey(DEAD)
                .build();
    }

    /** One queue for each delay, because a message with a shorter delay waits behind a message with a longer one. */
    private static Queue waitQueue(Duration tier) {
        return QueueBuilder.durable(WAIT + "." + tierName(tier))
                .quorum()
                .withArgument("x-message-ttl", tier.toMillis())
                .withArgument("x-overflow", "reject-publish")
                .withArgument("x-dead-letter-strategy", "at-least-once")
                .deadLetterExchange(JOBS)
                .build();
    }

    private static Binding bound(String queue, String exchange, String routingKey) {
        return new Binding(queue, DestinationType.QUEUE, exchange, routingKey, Map.of());
    }
}
