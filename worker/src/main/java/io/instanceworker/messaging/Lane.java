package io.instanceworker.messaging;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.context.SmartLifecycle;

/**
 * The consumers of one queue, which can be paused. Spring's container is not started again before the last of its jobs has
 * ended, gives a job up after its shutdown timeout, and when it is stopped nobody waits for it at the end; so a pause lets go
 * of the container, which takes nothing more and ends with its last job, and what follows is a new one.
 */
final class Lane implements SmartLifecycle {

    /** As long as a job takes. */
    private static final Duration UNTIL_THE_LAST_JOB_ENDS = Duration.ofDays(365);

    private final Supplier<SimpleMessageListenerContainer> containers;
    private final Set<SimpleMessageListenerContainer> ending = ConcurrentHashMap.newKeySet();
    private volatile @Nullable SimpleMessageListenerContainer taking;
    private volatile boolean paused;
    private volatile boolean started;
    private volatile boolean stopped;
    private Runnable whenEnded = () -> {};

    Lane(Supplier<SimpleMessageListenerContainer> containers) {
        this.containers = containers;
    }

    @Override
    public synchronized void start() {
        started = true;
        if (taking == null && !paused) {
            SimpleMessageListenerContainer container = containers.get();
            taking = container;
            container.start();
        }
    }

    synchronized void pause() {
        paused = true;
        SimpleMessageListenerContainer container = taking;
        if (container != null) {
            container.setShutdownTimeout(UNTIL_THE_LAST_JOB_ENDS.toMillis());
            letGo(container);
        }
    }

    /** Too late once the worker is told to stop. */
    synchronized void resume() {
        if (!stopped) {
            paused = false;
            start();
        }
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    /** Waits for the jobs of a pause too. */
    @Override
    public synchronized void stop(Runnable ended) {
        stopped = true;
        whenEnded = ended;
        SimpleMessageListenerContainer container = taking;
        if (container != null) {
            letGo(container);
        } else if (ending.isEmpty()) {
            ended.run();
        }
    }

    private void letGo(SimpleMessageListenerContainer container) {
        ending.add(container);
        taking = null;
        container.stop(() -> ended(container));
    }

    private synchronized void ended(SimpleMessageListenerContainer container) {
        ending.remove(container);
        if (stopped && ending.isEmpty()) {
            whenEnded.run();
        }
    }

    @Override
    public boolean isRunning() {
        return (started && !stopped) || taking != null || !ending.isEmpty();
    }

    /** Whether it has a consumer at the broker. */
    boolean consuming() {
        SimpleMessageListenerContainer container = taking;
        return container != null && container.isRunning() && container.getActiveConsumerCount() > 0;
    }

    boolean isPaused() {
        return paused;
    }

    /** Whether jobs that were in hand at a pause still go on. */
    boolean isEnding() {
        return !ending.isEmpty();
    }
}
