package io.instanceworker.bench;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The queue of results, {@code instance.status}. The worker must have declared it. */
final class StatusQueue implements AutoCloseable {

    static final String NAME = "instance.status";

    private final Connection connection;
    private final Channel channel;
    private final BlockingQueue<StatusEvent> arrived = new LinkedBlockingQueue<>();

    @Nullable private String consumer;

    StatusQueue(VirtualHost host) throws IOException, TimeoutException {
        connection = host.connectOnce();
        channel = connection.createChannel();
    }

    /** How many events lie there; to ask this costs the broker next to nothing, to consume them would cost it much. */
    private long depth() throws IOException {
        return channel.messageCount(NAME);
    }

    /** From now on events are taken as they come. */
    void listen() throws IOException {
        if (consumer == null) {
            consumer = channel.basicConsume(
                    NAME,
                    true,
                    (tag, delivery) -> arrived.add(
                            StatusEvent.of(new String(delivery.getBody(), StandardCharsets.UTF_8), System.nanoTime())),
                    tag -> {});
        }
    }

    /** Removes what is there. */
    void clear() throws IOException {
        if (consumer != null) {
            channel.basicCancel(consumer);
            consumer = null;
        }
        channel.queuePurge(NAME);
        arrived.clear();
    }

    /** @return null if none came in that time */
    @Nullable StatusEvent next(Duration limit) throws InterruptedException {
        return arrived.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * The end of one job, whatever else arrives.
     *
     * @throws IllegalStateException if it does not come in that time
     */
    StatusEvent awaitEnd(String jobId, Duration limit) throws InterruptedException {
        return await(
                jobId + " ends", limit, event -> event.isEnd() && event.jobId().equals(jobId));
    }

    StatusEvent await(String what, Duration limit, Predicate<StatusEvent> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            StatusEvent event = next(Duration.ofNanos(deadline - System.nanoTime()));
            if (event != null && wanted.test(event)) {
                return event;
            }
        }
        throw new IllegalStateException("It did not happen in " + limit.toSeconds() + " s that " + what);
    }

    /**
     * The ends of so many jobs, or of those that ended in that time. They are left in the queue while the jobs are at
     * work.
     *
     * @param events how many there will be, with those of progress
     */
    List<StatusEvent> ends(int jobs, int events, Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        Await.within(events + " events are in " + NAME, limit, () -> depth() >= events);
        long inQueue = depth();
        listen();
        List<StatusEvent> ends = new ArrayList<>();
        // After the deadline what lies in the queue still counts, and what is added to it does not.
        for (long taken = 0; ends.size() < jobs && (taken < inQueue || System.nanoTime() < deadline); taken++) {
            long left = Math.max(deadline - System.nanoTime(), TimeUnit.SECONDS.toNanos(1));
            StatusEvent event = next(Duration.ofNanos(left));
            if (event != null && event.isEnd()) {
                ends.add(event);
            }
        }
        clear();
        return ends;
    }

    @Override
    public void close() {
        connection.abort();
    }
}
