package io.instanceworker.messaging.deadletters;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.client.BrokerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dead queue over one channel. A message is acknowledged only when it was replayed or discarded. All others go back
 * to the queue when the channel is closed for any reason.
 */
final class DeadLetterQueue implements AutoCloseable {

    /** What is done with the selected messages. */
    enum Action {
        READ,
        REPLAY,
        DISCARD
    }

    /** At least so many messages are in memory at once, and so are the first. The broker permits up to 16 or 128 MiB for each. */
    private static final int FEW = 16;

    /** So many small messages are in memory at once, fewer large ones: about {@link #BYTES}. */
    private static final int MANY = 512;

    private static final int BYTES = 64 * 1024 * 1024;

    /** If no message arrives in this time, there are no more. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private static final Duration CONFIRM_EXPECTED = Duration.ofSeconds(30);

    /** How long to wait for the close of a connection that the broker blocks. It blocks everything on that connection. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final Connection connection;
    private final String user;
    private final Channel channel;

    /** What the client's threads have received. The thread of the command runs all of it, so nothing else is shared. */
    private final BlockingQueue<Runnable> received = new LinkedBlockingQueue<>();

    private final Queue<Delivery> unread = new ArrayDeque<>();
    private final NavigableMap<Long, DeadLetter> unconfirmed = new TreeMap<>();

    /** Replayed or to be discarded, and not acknowledged yet, by delivery tag. */
    private final NavigableMap<Long, DeadLetter> settled = new TreeMap<>();

    /** All messages up to this delivery tag are acknowledged. The first message on a channel has the tag 1. */
    private long acknowledgedUpTo;

    private long acknowledged;
    private final Set<Copy> returned = new HashSet<>();
    private Consumer<DeadLetter> done = letter -> {};
    private @Nullable String failure;
    private boolean ended;
    private int consumers;
    private int largest = 1;

    /** A replayed message. The broker returns one that is routed to no queue, and does not say which one it was. */
    private record Copy(String routingKey, ByteBuffer body) {}

    /** @param user the user of the connection */
    DeadLetterQueue(Connection connection, String user) {
        this.connection = connection;
        this.user = user;
        try {
            channel = connection.createChannel();
            channel.confirmSelect();
            channel.addReturnListener(message -> received.add(
                    () -> returned.add(new Copy(message.getRoutingKey(), ByteBuffer.wrap(message.getBody())))));
            channel.addConfirmListener(
                    (number, multiple) -> received.add(() -> confirmed(number, multiple)),
                    (number, multiple) -> received.add(() -> refused(number, multiple)));
            channel.addShutdownListener(signal -> received.add(() -> ended = true));
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException("RabbitMQ did not open a channel", e);
        }
    }

    /**
     * Reads each message that is in the queue now once. A message that is replayed and comes back is not read again. The broker
     * does not deliver an unacknowledged message a second time.
     *
     * @param whenDone called for each selected message after it was read, replayed or discarded
     * @throws BrokerException if it is not certain that a queue has a replayed message, which then stays in the dead queue; or
     *     if the dead queue cannot be read to its end
     */
    void forEach(Predicate<DeadLetter> selected, Action action, Consumer<DeadLetter> whenDone) {
        done = whenDone;
        try {
            readAll(selected, action);
            awaitConfirms(0);
            acknowledge();
            if (acknowledged > 0) {
                awaitAcknowledgements();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException("The queue " + Topology.DEAD + " was not read to its end", e);
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException("The queue " + Topology.DEAD + " cannot be read", e);
        }
        if (failure != null) {
            throw new BrokerException(failure);
        }
    }

    /**
     * A message that stays in the queue uses up a place of its consumer's prefetch count. When all places are used up, a further
     * consumer is added.
     */
    private void readAll(Predicate<DeadLetter> selected, Action action) throws IOException, InterruptedException {
        long count = channel.messageCount(Topology.DEAD);
        long places = 0;
        for (long seen = 0; seen < count && failure == null; seen++) {
            if (unconfirmed.size() + settled.size() >= most()) {
                awaitConfirms(most() / 2);
                acknowledge();
            }
            if (seen - acknowledged == places) {
                places += addConsumer(count - seen);
            }
            Delivery message = nextDelivery();
            if (message == null) {
                fail("RabbitMQ delivered only " + seen + " of " + count
                        + " messages. Another reader may have the rest; run" + " the command again.");
                return;
            }
            DeadLetter letter = new DeadLetter(message);
            largest = Math.max(largest, letter.body().length);
            if (selected.test(letter)) {
                act(action, letter);
            }
        }
    }

    /** How many messages may be in memory, by the largest one until now. */
    private int most() {
        return Math.max(FEW, Math.min(MANY, BYTES / largest));
    }

    /** @return its prefetch count */
    private int addConsumer(long left) throws IOException {
        int prefetch = (int) Math.min(consumers == 0 ? FEW : most(), left);
        channel.basicQos(prefetch);
        channel.basicConsume(
                Topology.DEAD,
                false,
                // RabbitMQ requeues the messages consumer by consumer, in the order of these names.
                consumerTag(++consumers),
                (tag, message) -> received.add(() -> unread.add(message)),
                tag -> received.add(() -> ended = true));
        return prefetch;
    }

    private static String consumerTag(int consumer) {
        return "dead-letters-%06d".formatted(consumer);
    }

    private @Nullable Delivery nextDelivery() throws InterruptedException {
        while (unread.isEmpty()) {
            requireConnected("The queue " + Topology.DEAD + " cannot be read to its end");
            if (!handleReceived(QUIET)) {
                return null;
            }
        }
        return unread.remove();
    }

    /** @return false if nothing was received in this time */
    private boolean handleReceived(Duration atMost) throws InterruptedException {
        Runnable next = received.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    private void requireConnected(String what) {
        if (ended) {
            ShutdownSignalException reason = channel.getCloseReason();
            throw reason == null ? new BrokerException(what + ": it was deleted.") : new BrokerException(what, reason);
        }
    }

    private void act(Action action, DeadLetter letter) throws IOException {
        switch (action) {
            case READ -> done.accept(letter);
            case DISCARD -> settled.put(letter.deliveryTag(), letter);
            case REPLAY -> {
                long number = channel.getNextPublishSeqNo();
                try {
                    channel.basicPublish(
                            Topology.JOBS, letter.routingKey(), true, letter.propertiesOfReplay(user), letter.body());
                } catch (IOException | ShutdownSignalException | IllegalArgumentException e) {
                    throw new BrokerException(stays(letter), e);
                }
                unconfirmed.put(number, letter);
            }
        }
    }

    /**
     * Acknowledges the settled messages: those that follow each other from the first message on with one acknowledgement, which
     * is many times faster, and each one behind a message that stays for itself.
     */
    private void acknowledge() {
        long upTo = acknowledgedUpTo;
        while (settled.containsKey(upTo + 1)) {
            upTo++;
        }
        try {
            if (upTo > acknowledgedUpTo) {
                channel.basicAck(upTo, true);
                acknowledgedUpTo = upTo;
            }
            for (long tag : settled.tailMap(upTo, false).keySet()) {
                channel.basicAck(tag, false);
            }
        } catch (IOException | ShutdownSignalException e) {
            throw new BrokerException(
                    "The message " + settled.firstEntry().getValue().id() + " and perhaps " + (settled.size() - 1)
                            + " more are still in " + Topology.DEAD,
                    e);
        }
        acknowledged += settled.size();
        settled.values().forEach(done);
        settled.clear();
    }

    /**
     * RabbitMQ holds back acknowledgements while a quorum queue has not answered the 32 before, and forgets them when the channel
     * is closed; then the messages are requeued. The answer to a cancel comes after those before it, and then the others are sent.
     */
    private void awaitAcknowledgements() throws IOException {
        for (int consumer = 1; consumer <= consumers; consumer++) {
            channel.basicCancel(consumerTag(consumer));
        }
        channel.messageCount(Topology.DEAD);
    }

    /** A confirm alone is not enough: a message that was routed to no queue is confirmed too, after it was returned. */
    private void confirmed(long number, boolean multiple) {
        for (DeadLetter letter : take(number, multiple)) {
            if (returned.contains(new Copy(letter.routingKey(), ByteBuffer.wrap(letter.body())))) {
                fail(stays(letter) + ": no queue is bound to " + Topology.JOBS + " for it");
            } else {
                settled.put(letter.deliveryTag(), letter);
            }
        }
    }

    private void refused(long number, boolean multiple) {
        take(number, multiple).forEach(letter -> fail(stays(letter) + ": RabbitMQ refused it"));
    }

    private List<DeadLetter> take(long number, boolean multiple) {
        NavigableMap<Long, DeadLetter> answered =
                unconfirmed.subMap(multiple ? Long.MIN_VALUE : number, true, number, true);
        List<DeadLetter> letters = List.copyOf(answered.values());
        answered.clear();
        return letters;
    }

    /** No more messages are replayed then, but the confirms of those that were already published are awaited. */
    private void fail(String why) {
        failure = failure == null ? why : failure;
    }

    private static String stays(DeadLetter letter) {
        return "The message " + letter.id() + " was not replayed and stays in " + Topology.DEAD;
    }

    /** @param most how many replayed messages may still be unconfirmed */
    private void awaitConfirms(int most) throws InterruptedException {
        while (unconfirmed.size() > most) {
            String first = stays(unconfirmed.firstEntry().getValue());
            requireConnected(first);
            if (!handleReceived(CONFIRM_EXPECTED)) {
                acknowledge();
                connection.abort((int) FAREWELL.toMillis());
                throw new BrokerException(first + ": RabbitMQ did not confirm it within " + CONFIRM_EXPECTED.toSeconds()
                        + " s. It may be among the jobs all the same, and so may " + (unconfirmed.size() - 1)
                        + " messages more; see whether RabbitMQ blocks publishers, for want of memory or disk.");
            }
        }
    }

    /** Returns when the broker has all acknowledgements. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close();
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            throw new BrokerException(
                    "RabbitMQ is disconnected; what was replayed or discarded last may still be there", e);
        }
    }
}
