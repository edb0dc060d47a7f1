package io.instanceworker.messaging;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker's consumers, on both lanes. */
public final class Consumers {

    /** What an operator has told them to do. */
    public enum State {
        CONSUMING,
        /** Nothing more is taken; what was in hand goes on. */
        PAUSING,
        PAUSED
    }

    private static final Logger log = LoggerFactory.getLogger(Consumers.class);

    private final List<Lane> lanes;
    private final ConfirmedPublisher publisher;

    Consumers(List<Lane> lanes, ConfirmedPublisher publisher) {
        this.lanes = List.copyOf(lanes);
        this.publisher = publisher;
    }

    /** Whether every lane has a consumer at the broker, and results get there. */
    public boolean consuming() {
        return !publisher.isStuck() && lanes.stream().allMatch(Lane::consuming);
    }

    public State state() {
        if (lanes.stream().noneMatch(Lane::isPaused)) {
            return State.CONSUMING;
        }
        return lanes.stream().anyMatch(Lane::isEnding) ? State.PAUSING : State.PAUSED;
    }

    /** Takes no more jobs until {@link #resume}; those in hand go on to their end. Returns at once. */
    public synchronized State pause() {
        log.info("Paused by an operator: no more jobs are taken, and those in hand go on to their end");
        lanes.forEach(Lane::pause);
        return state();
    }

    /** Takes jobs again, even while some go on that were in hand at the pause. */
    public synchronized State resume() {
        log.info("Resumed by an operator");
        lanes.forEach(Lane::resume);
        return state();
    }
}
