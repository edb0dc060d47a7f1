package io.instanceworker.messaging;

import java.util.List;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

/** The worker's consumers, on both lanes. */
public final class Consumers {

    private final List<SimpleMessageListenerContainer> lanes;

    Consumers(List<SimpleMessageListenerContainer> lanes) {
        this.lanes = List.copyOf(lanes);
    }

    /** Whether every lane has a consumer at the broker. */
    public boolean consuming() {
        return lanes.stream().allMatch(lane -> lane.isRunning() && lane.getActiveConsumerCount() > 0);
    }
}
