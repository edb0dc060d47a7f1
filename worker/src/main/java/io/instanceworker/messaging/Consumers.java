package io.instanceworker.messaging;

import java.util.List;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

/** The worker's consumers, on both lanes. */
public final class Consumers {

    private final List<SimpleMessageListenerContainer> lanes;
    private final ConfirmedPublisher publisher;

    Consumers(List<SimpleMessageListenerContainer> lanes, ConfirmedPublisher publisher) {
        this.lanes = List.copyOf(lanes);
        this.publisher = publisher;
    }

    /** Whether every lane has a consumer at the broker, and results get there. */
    public boolean consuming() {
        return !publisher.isStuck()
                && lanes.stream().allMatch(lane -> lane.isRunning() && lane.getActiveConsumerCount() > 0);
    }
}
