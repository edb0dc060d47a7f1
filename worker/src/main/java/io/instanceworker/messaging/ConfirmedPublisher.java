package io.instanceworker.messaging;

import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.job.DeliveryLostException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitOperations;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

/**
 * Publishes until the broker has confirmed and routed the message. A confirm alone is not enough: a message that no queue
 * takes is confirmed too.
 */
final class ConfirmedPublisher implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(ConfirmedPublisher.class);

    /** A node that is cut off from the others of its cluster notices that a client has disconnected only after longer. */
    static final Duration CONFIRM_EXPECTED = Duration.ofSeconds(30);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final int DOUBLINGS = 6;

    /** How many tries a message still has once the worker stops. */
    private static final int TRIES_WHILE_STOPPING = 3;

    private static final int TRIES_UNTIL_STUCK = 5;

    /** After how many refusals of a message, or waits for its confirm, a new connection is opened. */
    private static final int PATIENCE = 2;

    /** The reply text with which RabbitMQ refuses a message that is larger than its {@code max_message_size}. */
    private static final Pattern TOO_LARGE = Pattern.compile("PRECONDITION_FAILED - message size .* max size (\\d+)");

    private enum Kind {
        /** No queue takes it. */
        UNROUTABLE,
        /** The broker said so itself. */
        REFUSED,
        /** The connection broke before the broker had answered. */
        DISCONNECTED
    }

    private record Failure(Kind kind, String why) {}

    /** A message that is larger than the broker takes; sending it again would change nothing. */
    static final class TooLargeException extends RuntimeException {
        private TooLargeException(String message) {
            super(message);
        }
    }

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

    /** The worker stops: a message that the broker does not take is given up soon, and its job left unacknowledged. */
    @EventListener(ContextClosedEvent.class)
    void stopsSoon() {
        stopping.countDown();
    }

    @Override
    public void start() {}

    /**
     * Nothing more is published. The broker gives a job that is still running here to another worker as soon as this
     * one's connections are closed, so its result must not be published any more.
     */
    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public boolean isRunning() {
        return !stopped;
    }

    /** Lower than that of the {@link Consumers}, so that they have stopped before. */
    @Override
    public int getPhase() {
        return 0;
    }

    /**
     * Returns when a queue has the message, however long that takes: without its result a job must not be acknowledged.
     *
     * @throws DeliveryLostException if the worker stops before that
     * @throws TooLargeException if the broker never takes a message of this size
     */
    void publish(String exchange, String routingKey, Message message) {
        publish(exchange, routingKey, message, () -> {});
    }

    /** @param beforeEachTry throws an exception if the message must not be published any more */
    void publish(String exchange, String routingKey, Message message, Runnable beforeEachTry) {
        new Publication(exchange, routingKey, message, beforeEachTry).await();
    }

    /** Sends the message and returns at once; {@link Publication#await} does the rest of {@link #publish}. */
    Publication start(String exchange, String routingKey, Message message) {
        Publication publication = new Publication(exchange, routingKey, message, () -> {});
        publication.send();
        return publication;
    }

    /**
     * Sends the message once, whether or not a queue takes it.
     *
     * @param before throws an exception if the message must not be published any more
     */
    void publishOnce(String exchange, String routingKey, Message message, Runnable before) {
        Failure failure = new Publication(exchange, routingKey, message, before).outcome();
        if (failure != null) {
            log.info(
                    "A message with routing key {}, which is sent only once, was not taken: {}",
                    routingKey,
                    failure.why());
        }
    }

    /** Whether a message has been sent several times without success. A worker that cannot publish results is not ready. */
    boolean isStuck() {
        return stuck.get() > 0;
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** One message that is being published. Used by one thread. */
    final class Publication {

        private final String exchange;
        private final String routingKey;
        private final Message message;
        private final Runnable beforeEachTry;
        private @Nullable CorrelationData sent;
        private @Nullable Failure notSent;
        private boolean done;

        private Publication(String exchange, String routingKey, Message message, Runnable beforeEachTry) {
            this.exchange = exchange;
            this.routingKey = routingKey;
            this.message = message;
            this.beforeEachTry = beforeEachTry;
        }

        private void send() {
            if (stopped) {
                throw new DeliveryLostException("The worker has stopped");
            }
            beforeEachTry.run();
            CorrelationData correlation = new CorrelationData(UUID.randomUUID().toString());
            notSent = null;
            try {
                rabbit.send(exchange, routingKey, message, correlation);
                sent = correlation;
            } catch (AmqpException | ShutdownSignalException | IllegalStateException e) {
                // Spring does not translate every failure to open a channel on a connection that another thread has
                // just ended.
                notSent = new Failure(Kind.DISCONNECTED, String.valueOf(e.getMessage()));
            }
        }

        /** As {@link #publish}. */
        void await() {
            if (done) {
                return;
            }
            int tries = 0;
            try {
                for (Failure failure = outcome(); failure != null; failure = outcome()) {
                    tries++;
                    if (tries == TRIES_UNTIL_STUCK) {
                        stuck.incrementAndGet();
                    }
                    notTaken(failure, tries);
                }
                done = true;
            } finally {
                if (tries >= TRIES_UNTIL_STUCK) {
                    stuck.decrementAndGet();
                }
            }
        }

        /** @return why the message was not taken; null if it was. The next call sends it again */
        private @Nullable Failure outcome() {
            if (sent == null && notSent == null) {
                send();
            }
            CorrelationData correlation = sent;
            Failure failure = notSent;
            sent = null;
            notSent = null;
            return correlation == null ? failure : outcome(correlation);
        }

        private @Nullable Failure outcome(CorrelationData correlation) {
            try {
                CorrelationData.Confirm confirm = confirmOf(correlation);
                if (!confirm.ack()) {
                    String reason = confirm.reason();
                    if (reason != null && isTooLarge(reason)) {
                        throw new TooLargeException(reason);
                    }
                    return reason == null
                            ? new Failure(Kind.REFUSED, "the broker refused it")
                            : new Failure(Kind.DISCONNECTED, reason);
                }
                return correlation.getReturned() == null
                        ? null
                        : new Failure(Kind.UNROUTABLE, "no queue is bound for it");
            } catch (ExecutionException e) {
                return new Failure(Kind.DISCONNECTED, String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DeliveryLostException("Interrupted while waiting for the broker's confirm");
            }
        }

        /** The broker then closes the channel, on which smaller messages may wait for their confirms too. */
        private boolean isTooLarge(String reason) {
            Matcher refusal = TOO_LARGE.matcher(reason);
            return refusal.find() && message.getBody().length > Long.parseLong(refusal.group(1));
        }

        /**
         * Opens a new connection after twice the expected time. A slow broker may have the message already, and then has it
         * twice; but after the leader of a queue was lost, RabbitMQ before 4.0.6
         * may never confirm what was sent to it
         * (<a href="https://github.com/rabbitmq/rabbitmq-server/pull/13095">rabbitmq-server 13095</a>). When the connection
         * ends, Spring reports an unconfirmed message as refused.
         */
        private CorrelationData.Confirm confirmOf(CorrelationData correlation)
                throws InterruptedException, ExecutionException {
            int waits = 0;
            try {
                CorrelationData.Confirm confirm = confirmInTime(correlation);
                while (confirm == null) {
                    waits++;
                    if (waits == PATIENCE) {
                        stuck.incrementAndGet();
                    }
                    if (waits % PATIENCE == 0) {
                        reconnect.run();
                    }
                    confirm = confirmInTime(correlation);
                }
                return confirm;
            } finally {
                if (waits >= PATIENCE) {
                    stuck.decrementAndGet();
                }
            }
        }

        private CorrelationData.@Nullable Confirm confirmInTime(CorrelationData correlation)
                throws InterruptedException, ExecutionException {
            try {
                return correlation.getFuture().get(confirmExpected.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (isStopping()) {
                    throw new DeliveryLostException("The worker stops, and the broker does not confirm a message");
                }
                log.warn(
                        "The broker has not confirmed a message with routing key {} within {} s; see whether it blocks"
                                + " publishers, because memory or disk is short",
                        routingKey,
                        confirmExpected.toSeconds());
                return null;
            }
        }

        private void notTaken(Failure failure, int tries) {
            log.warn(
                    "A message to {} with routing key {} was not taken: {}. It is sent again; until then its job is not"
                            + " acknowledged.",
                    exchange.isEmpty() ? "the queue" : exchange,
                    routingKey,
                    failure.why());
            if (tries % PATIENCE == 0 && failure.kind() == Kind.REFUSED) {
                // A channel that knows the leader of a queue by its old name refuses everything that is for that queue.
                reconnect.run();
            }
            pause(tries);
            if (isStopping() && tries >= TRIES_WHILE_STOPPING) {
                throw new DeliveryLostException(
                        "The worker stops, and the broker does not take a message: " + failure.why());
            }
        }

        private void pause(int tries) {
            long millis = FIRST_PAUSE.toMillis() << Math.min(tries - 1, DOUBLINGS);
            try {
                if (isStopping()) {
                    TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE.toMillis());
                } else if (stopping.await(millis, TimeUnit.MILLISECONDS)) {
                    log.info("The worker stops while a message is not taken yet");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DeliveryLostException("Interrupted while waiting to publish again");
            }
        }
    }
}
