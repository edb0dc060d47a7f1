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
    private volatile boolean stopped;
    private Runnable whenEnded = () -> {};

    JobConsumer(Supplier<SimpleMessageListenerContainer> containers) {
        this.containers = containers;
    }

    /** Has no effect while it is paused, and once the worker stops. */
    synchronized void start() {
        if (taking == null && !paused && !stopped) {
            SimpleMessageListenerContainer container = containers.get();
            container.start();
            taking = container;
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

    /** Ends the pause, unless the worker stops. The next {@link #start} receives jobs again. */
    synchronized void resume() {
        paused = paused && stopped;
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
