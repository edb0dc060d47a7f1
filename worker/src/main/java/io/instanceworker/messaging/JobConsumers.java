package io.instanceworker.messaging;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.context.SmartLifecycle;

/** Starts and stops the consumers of all queues together. */
record JobConsumers(List<JobConsumer> all) implements SmartLifecycle {

    void allow() {
        all.forEach(JobConsumer::allow);
    }

    @Override
    public void start() {
        all.forEach(JobConsumer::start);
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable ended) {
        AtomicInteger left = new AtomicInteger(all.size());
        all.forEach(consumer -> consumer.stop(() -> {
            if (left.decrementAndGet() == 0) {
                ended.run();
            }
        }));
    }

    @Override
    public boolean isRunning() {
        return all.stream().anyMatch(JobConsumer::isRunning);
    }
}
