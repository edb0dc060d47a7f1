package io.instanceworker.messaging;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

/**
 * The consumers of one queue, which can be paused. A container of Spring cannot be started again while one of its jobs
 * still runs. So a pause stops the container, which receives nothing more and ends after its last job, and a resume creates a
 * new container.
 */
final class JobConsumer {

    /** No limit: a job takes as long as it takes. */
    private static final Duration UNTIL_THE_LAST_JOB_ENDS = Duration.ofDays(365);

    private final Supplier<SimpleMessageListenerContainer> containers;
    private final Set<SimpleMessageListenerContainer> ending = ConcurrentHashMap.newKeySet();
    private volatile @Nullable SimpleMessageListenerContainer taking;
    private volatile boolean paused;
    private volatile boolean started;
    private volatile boolean allowed;
    private volatile boolean stopped;
    private Runnable whenEnded = () -> {};

    JobConsumer(Supplier<SimpleMessageListenerContainer> containers) {
        this.containers = containers;
    }

    synchronized void start() {
        started = true;
        if (taking == null && !paused && allowed && !stopped) {
            SimpleMessageListenerContainer container = containers.get();
            taking = container;
            container.start();
        }
    }

    /** Jobs are received only after the topology check has found nothing wrong. */
    synchronized void allow() {
        if (!allowed) {
            allowed = true;
            if (started) {
                start();
            }
        }
    }

    synchronized void pause() {
        paused = true;
        SimpleMessageListenerContainer container = taking;
        if (container != null) {
            container.setShutdownTimeout(UNTIL_THE_LAST_JOB_ENDS.toMillis());
            detach(container);
        }
    }

    /** Has no effect once the worker stops. */
    synchronized void resume() {
        if (!stopped) {
            paused = false;
            start();
        }
    }

    /** Waits for the jobs that were running at a pause, too. */
    synchronized void stop(Runnable ended) {
        stopped = true;
        whenEnded = ended;
        SimpleMessageListenerContainer container = taking;
        if (container != null) {
            detach(container);
        } else if (ending.isEmpty()) {
            ended.run();
        }
    }

    private void detach(SimpleMessageListenerContainer container) {
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

    boolean isRunning() {
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

    /** Whether jobs that were running at a pause still go on. */
    boolean isEnding() {
        return !ending.isEmpty();
    }
}
