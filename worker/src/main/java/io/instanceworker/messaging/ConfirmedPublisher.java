package io.instanceworker.messaging;

import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.job.AbandonedException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitOperations;

/**
 * Publishes until the broker has confirmed and routed the message. A confirm alone is not enough: a message that no queue
 * takes is confirmed too.
 */
final class ConfirmedPublisher {

    private static final Logger log = LoggerFactory.getLogger(ConfirmedPublisher.class);

    /** A broker that is cut off from its others misses its clients' absence for longer than this. */
    static final Duration CONFIRM_EXPECTED = Duration.ofSeconds(30);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final int DOUBLINGS = 6;

    /** How many tries a worker that is told to stop still gives a message. */
    private static final int TRIES_WHILE_STOPPING = 3;

    private static final int TRIES_UNTIL_STUCK = 5;

    /** How often a channel may refuse a message, or be asked whether it is confirmed, before there is a new one. */
    private static final int PATIENCE = 2;

    private enum Kind {
        /** No queue takes it. */
        UNROUTABLE,
        /** The broker said so itself. */
        REFUSED,
        /** The broker, or the way to it, was gone before it had answered. */
        AWAY
    }

    private record Failure(Kind kind, String why) {}

    private final RabbitOperations rabbit;
    private final Runnable reconnect;
    private final Duration confirmExpected;
    private final AtomicInteger stuck = new AtomicInteger();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean stopped;

    /**
     * @param rabbit with correlated confirms, returns and the mandatory flag
     * @param reconnect ends the connection that it publishes by, so that the next try has a new one
     * @param confirmExpected how long a confirm may take; after twice that the message is sent by a new connection
     */
    ConfirmedPublisher(RabbitOperations rabbit, Runnable reconnect, Duration confirmExpected) {
        this.rabbit = rabbit;
        this.reconnect = reconnect;
        this.confirmExpected = confirmExpected;
    }

    /** From now on a message that the broker does not take is given up soon, and its job left unacknowledged. */
    void stop() {
        stopping.countDown();
    }

    /**
     * From now on nothing is published. A job that is still in hand is another worker's already, and what becomes of it here,
     * when its connections are closed, must not be told.
     */
    void stopped() {
        stopped = true;
    }

    /**
     * Returns when a queue has the message, however long that takes: without its result a job must not be acknowledged.
     *
     * @throws AbandonedException if the worker is told to stop before that
     */
    void publish(String exchange, String routingKey, Message message) {
        publish(exchange, routingKey, message, true);
    }

    /**
     * The same, but no longer than the broker is there: when it was away, it may have given the job to another worker.
     *
     * @return whether it was taken, and the broker was there all the time
     * @throws AbandonedException if the worker is told to stop before that
     */
    boolean publishWhileThere(String exchange, String routingKey, Message message) {
        long begin = System.nanoTime();
        return publish(exchange, routingKey, message, false) && isAtOnce(begin);
    }

    private boolean publish(String exchange, String routingKey, Message message, boolean evenAfterAbsence) {
        int tries = 0;
        try {
            for (Failure failure = tryOnce(exchange, routingKey, message);
                    failure != null;
                    failure = tryOnce(exchange, routingKey, message)) {
                tries++;
                if (tries == TRIES_UNTIL_STUCK) {
                    stuck.incrementAndGet();
                }
                if (failure.kind() == Kind.AWAY && !evenAfterAbsence) {
                    warn(routingKey, failure);
                    return false;
                }
                notTaken(exchange, routingKey, failure, tries);
            }
            return true;
        } finally {
            if (tries >= TRIES_UNTIL_STUCK) {
                stuck.decrementAndGet();
            }
        }
    }

    /**
     * Sends it once.
     *
     * @return whether it was taken, and at once
     * @throws AbandonedException if the worker is told to stop before that is known
     */
    boolean publishOnce(String exchange, String routingKey, Message message) {
        long begin = System.nanoTime();
        Failure failure = tryOnce(exchange, routingKey, message);
        if (failure != null) {
            warn(routingKey, failure);
        }
        return failure == null && isAtOnce(begin);
    }

    private static void warn(String routingKey, Failure failure) {
        log.warn("A message with routing key {} was not taken: {}", routingKey, failure.why());
    }

    private boolean isAtOnce(long begin) {
        return System.nanoTime() - begin < confirmExpected.toNanos();
    }

    private void notTaken(String exchange, String routingKey, Failure failure, int tries) {
        log.warn(
                "A message to {} with routing key {} was not taken: {}. It is sent again, and its job stays in hand.",
                exchange.isEmpty() ? "the queue" : exchange,
                routingKey,
                failure.why());
        if (tries % PATIENCE == 0 && failure.kind() == Kind.REFUSED) {
            // A channel that knows the leader of a queue by its old name refuses everything that is for that queue.
            reconnect.run();
        }
        pause(tries, failure.why());
    }

    /**
     * Waits before the next try, the longer the more there were.
     *
     * @throws AbandonedException if the worker is told to stop and has tried often enough
     */
    void pause(int tries, String failure) {
        pause(tries);
        if (isStopping() && tries >= TRIES_WHILE_STOPPING) {
            throw new AbandonedException("The worker stops, and the broker does not do its part: " + failure);
        }
    }

    boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** Whether a message was sent again and again and is not taken: a worker that cannot tell results is not ready. */
    boolean isStuck() {
        return stuck.get() > 0;
    }

    /** Sends it once, not minding whether anybody is there to take it. */
    void publishIfWanted(String routingKey, Message message) {
        Failure failure = tryOnce(Topology.DEFAULT_EXCHANGE, routingKey, message);
        if (failure != null) {
            log.info(
                    "The answer to reply_to {} was not taken, so whoever asked has left: {}",
                    routingKey,
                    failure.why());
        }
    }

    /**
     * @return why it was not taken; null if it was
     * @throws AbandonedException if the worker has stopped
     */
    private @Nullable Failure tryOnce(String exchange, String routingKey, Message message) {
        if (stopped) {
            throw new AbandonedException("The worker has stopped");
        }
        CorrelationData correlation = new CorrelationData(UUID.randomUUID().toString());
        try {
            rabbit.send(exchange, routingKey, message, correlation);
            CorrelationData.Confirm confirm = confirmOf(correlation, routingKey);
            if (!confirm.ack()) {
                return confirm.reason() == null
                        ? new Failure(Kind.REFUSED, "the broker refused it")
                        : new Failure(Kind.AWAY, confirm.reason());
            }
            return correlation.getReturned() == null ? null : new Failure(Kind.UNROUTABLE, "no queue is bound for it");
        } catch (AmqpException | ShutdownSignalException | IllegalStateException | ExecutionException e) {
            // Spring does not translate what comes of opening a channel on a connection that another thread has just
            // ended.
            return new Failure(Kind.AWAY, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AbandonedException("Interrupted while waiting for the broker's confirm");
        }
    }

    /**
     * Asks for a new connection after twice the time that is expected. A broker that is slow may have the message already, and
     * sending it once more makes two of it; but after the leader of a queue was lost, RabbitMQ before 4.0.6 may never confirm
     * what was on its way to it (<a href="https://github.com/rabbitmq/rabbitmq-server/pull/13095">rabbitmq-server 13095</a>).
     * When the connection ends, Spring answers for the broker with a refusal.
     */
    private CorrelationData.Confirm confirmOf(CorrelationData correlation, String routingKey)
            throws InterruptedException, ExecutionException {
        int waits = 0;
        try {
            CorrelationData.Confirm confirm = confirmInTime(correlation, routingKey);
            while (confirm == null) {
                waits++;
                if (waits == PATIENCE) {
                    stuck.incrementAndGet();
                }
                if (waits % PATIENCE == 0) {
                    reconnect.run();
                }
                confirm = confirmInTime(correlation, routingKey);
            }
            return confirm;
        } finally {
            if (waits >= PATIENCE) {
                stuck.decrementAndGet();
            }
        }
    }

    private CorrelationData.@Nullable Confirm confirmInTime(CorrelationData correlation, String routingKey)
            throws InterruptedException, ExecutionException {
        try {
            return correlation.getFuture().get(confirmExpected.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            if (isStopping()) {
                throw new AbandonedException("The worker stops, and the broker does not confirm a message");
            }
            log.warn(
                    "The broker has not confirmed a message with routing key {} within {} s; see whether it blocks"
                            + " publishers, for want of memory or disk",
                    routingKey,
                    confirmExpected.toSeconds());
            return null;
        }
    }

    private void pause(int tries) {
        long millis = FIRST_PAUSE.toMillis() << Math.min(tries - 1, DOUBLINGS);
        try {
            if (isStopping()) {
                TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE.toMillis());
            } else if (stopping.await(millis, TimeUnit.MILLISECONDS)) {
                log.info("The worker is told to stop while a message is not taken yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AbandonedException("Interrupted while waiting to publish again");
        }
    }
}
