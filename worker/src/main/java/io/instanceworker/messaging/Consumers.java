package io.instanceworker.messaging;

import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker's consumers, on the queues of all its servers. */
public final class Consumers {

    /** What an operator has asked of them. */
    public enum State {
        CONSUMING,
        /** No further job is taken; those that are running go on. */
        PAUSING,
        PAUSED
    }

    private static final Logger log = LoggerFactory.getLogger(Consumers.class);

    private final List<JobConsumer> consumers;
    private final ConfirmedPublisher publisher;
    private final TopologyCheck topology;

    Consumers(List<JobConsumer> consumers, ConfirmedPublisher publisher, TopologyCheck topology) {
        this.consumers = List.copyOf(consumers);
        this.publisher = publisher;
        this.topology = topology;
    }

    /** Whether jobs are taken and everything that they need is there. */
    public boolean consuming() {
        return obstacle().isEmpty();
    }

    /** Why no jobs can be taken, or not all of them; empty if nothing stands in the way. */
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

    /** Takes no more jobs until {@link #resume}; those that are running go on to their end. Returns at once. */
    public synchronized State pause() {
        log.info("Paused by an operator: no more jobs are taken, and those that are running go on to their end");
        consumers.forEach(JobConsumer::pause);
        return state();
    }

    /** Takes jobs again, even while some go on that were running at the pause. */
    public synchronized State resume() {
        log.info("Resumed by an operator");
        consumers.forEach(JobConsumer::resume);
        return state();
    }
}
