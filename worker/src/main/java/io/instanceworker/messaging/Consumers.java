package io.instanceworker.messaging;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** The worker's consumers, on the queues of all its servers. */
public final class Consumers implements SmartLifecycle {

    /** Whether an operator has paused the consumers. */
    public enum State {
        CONSUMING,
        /** No more jobs are received. Jobs are still running. */
        PAUSING,
        PAUSED
    }

    private static final Logger log = LoggerFactory.getLogger(Consumers.class);

    private final List<JobConsumer> consumers;
    private final ConfirmedPublisher publisher;
    private final TopologyCheck topology;
    private volatile boolean running;

    Consumers(List<JobConsumer> consumers, ConfirmedPublisher publisher, TopologyCheck topology) {
        this.consumers = List.copyOf(consumers);
        this.publisher = publisher;
        this.topology = topology;
    }

    /** Jobs are received after the first topology check that finds nothing wrong. */
    @Override
    public void start() {
        running = true;
        topology.start(() -> consumers.forEach(JobConsumer::start));
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable ended) {
        AtomicInteger left = new AtomicInteger(consumers.size());
        consumers.forEach(consumer -> consumer.stop(() -> {
            if (left.decrementAndGet() == 0) {
                running = false;
                ended.run();
            }
        }));
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Whether the worker receives jobs, and all that the jobs need is available. */
    public boolean consuming() {
        return obstacle().isEmpty();
    }

    /** Why the worker cannot receive jobs, or not all jobs; empty if it can. */
    public Optional<String> obstacle() {
        List<String> problems = topology.problems();
        if (!problems.isEmpty()) {
            return Optional.of(String.join(" ", problems));
        }
        if (publisher.isStuck()) {
            return Optional.of("RabbitMQ does not take what the worker publishes; see the log");
        }
        return consumers.stream().allMatch(JobConsumer::consuming)
                ? Optional.empty()
                : Optional.of("At least one queue has no consumer of this worker yet");
    }

    public State state() {
        if (consumers.stream().noneMatch(JobConsumer::isPaused)) {
            return State.CONSUMING;
        }
        return consumers.stream().anyMatch(JobConsumer::isEnding) ? State.PAUSING : State.PAUSED;
    }

    /** Stops receiving jobs until {@link #resume}. Running jobs continue to their end. Returns at once. */
    public synchronized State pause() {
        log.info("Paused by an operator: no more jobs are taken, and those that are running go on to their end");
        consumers.forEach(JobConsumer::pause);
        return state();
    }

    /** Receives jobs again, even if jobs from before the pause are still running. */
    public synchronized State resume() {
        log.info("Resumed by an operator");
        consumers.forEach(JobConsumer::resume);
        topology.request();
        return state();
    }
}
