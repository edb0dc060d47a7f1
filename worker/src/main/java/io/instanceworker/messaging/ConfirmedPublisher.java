package io.instanceworker.messaging;

import io.instanceworker.job.AbandonedException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final int DOUBLINGS = 6;

    /** How many tries a worker that is told to stop still gives a message. */
    private static final int TRIES_WHILE_STOPPING = 3;

    private final RabbitOperations rabbit;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /** @param rabbit with correlated confirms, returns and the mandatory flag */
    ConfirmedPublisher(RabbitOperations rabbit) {
        this.rabbit = rabbit;
    }

    /** From now on a message that the broker does not take is given up soon, and its job left unacknowledged. */
    void stop() {
        stopping.countDown();
    }

    /**
     * Returns when a queue has the message, however long that takes: without its result a job must not be acknowledged.
     *
     * @throws AbandonedException if the worker is told to stop before that
     */
    void publish(String exchange, String routingKey, Message message) {
        for (int tries = 1; ; tries++) {
            String failure = tryOnce(exchange, routingKey, message);
            if (failure == null) {
                return;
            }
            log.warn(
                    "A message to {} with routing key {} was not taken: {}. It is sent again, and its job stays in hand.",
                    exchange.isEmpty() ? "the queue" : exchange,
                    routingKey,
                    failure);
            pause(tries);
            if (stopping.getCount() == 0 && tries >= TRIES_WHILE_STOPPING) {
                throw new AbandonedException("The worker stops, and the broker did not take a message: " + failure);
            }
        }
    }

    /** Sends it once, not minding whether anybody is there to take it. */
    void publishIfWanted(String routingKey, Message message) {
        String failure = tryOnce(Topology.DEFAULT_EXCHANGE, routingKey, message);
        if (failure != null) {
            log.info("The answer to reply_to {} was not taken, so whoever asked has left: {}", routingKey, failure);
        }
    }

    /** @return why it was not taken; null if it was */
    private @Nullable String tryOnce(String exchange, String routingKey, Message message) {
        CorrelationData correlation = new CorrelationData(UUID.randomUUID().toString());
        try {
            rabbit.send(exchange, routingKey, message, correlation);
            CorrelationData.Confirm confirm =
                    correlation.getFuture().get(CONFIRM_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            if (!confirm.ack()) {
                return "the broker refused it: " + confirm.reason();
            }
            return correlation.getReturned() == null ? null : "no queue is bound for it";
        } catch (AmqpException | ExecutionException e) {
            return String.valueOf(e.getMessage());
        } catch (TimeoutException e) {
            return "no confirm within " + CONFIRM_TIMEOUT.toSeconds() + " s";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AbandonedException("Interrupted while waiting for the broker's confirm");
        }
    }

    private void pause(int tries) {
        long millis = FIRST_PAUSE.toMillis() << Math.min(tries - 1, DOUBLINGS);
        try {
            if (stopping.getCount() == 0) {
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
