package io.instanceworker.messaging;

import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.result.EventWriter;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.job.Carried;
import io.instanceworker.job.ClaimLostException;
import io.instanceworker.job.DeliveryLostException;
import io.instanceworker.job.Disposition;
import io.instanceworker.job.FaultInjectionPoints;
import io.instanceworker.job.JobObserver.Confirmation;
import io.instanceworker.messaging.ConfirmedPublisher.Publication;
import io.instanceworker.messaging.ConfirmedPublisher.TooLargeException;
import io.instanceworker.messaging.JobHeaders.Death;
import io.instanceworker.retry.Delay;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Date;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;

/**
 * Publishes what follows from a job: the result, the next attempt, the dead letter. When a method returns, the broker has
 * confirmed everything, and the job's message may be acknowledged.
 */
final class OutcomePublisher {

    private static final Logger log = LoggerFactory.getLogger(OutcomePublisher.class);

    private static final String APP_ID = "instance-worker";

    /** What an AMQP property can hold, in bytes. */
    private static final int LONGEST_SHORT_STRING = 255;

    private final ConfirmedPublisher publisher;
    private final FaultInjectionPoints points;
    private final Pattern replyTo;
    private final String worker;
    private final Delay whileClaimLost;
    private final Clock clock;
    private final Publishers publishers;
    private final Traces traces;
    private final EventWriter writer = new EventWriter();

    /**
     * @param replyTo the names of queues to which replies are allowed besides direct reply-to and server-named queues
     * @param whileClaimLost how long a message waits whose run is claimed by another delivery
     */
    OutcomePublisher(
            ConfirmedPublisher publisher,
            FaultInjectionPoints points,
            Pattern replyTo,
            Delay whileClaimLost,
            String worker,
            Clock clock,
            Publishers publishers,
            Traces traces) {
        this.publisher = publisher;
        this.points = points;
        this.replyTo = replyTo;
        this.whileClaimLost = whileClaimLost;
        this.worker = worker;
        this.clock = clock;
        this.publishers = publishers;
        this.traces = traces;
    }

    /** Sends the message and returns at once; {@code await} on the answer returns once the broker has confirmed it. */
    Confirmation start(JobResult.InProgress started, Message job) {
        InstanceStatusEvent event = InstanceStatusEvent.of(started, clock.instant());
        Publication publication = publisher.start(Topology.EVENTS, event.routingKey(), message(event, job));
        return () -> {
            try {
                publication.await();
            } catch (TooLargeException e) {
                publishShorter(event, job, e);
            }
        };
    }

    /**
     * Sends the event once, and returns when the broker has answered. May be called while the job runs on another thread.
     *
     * @param beforeSending throws an exception if the event must not be published any more
     */
    void progress(JobResult.InProgress progress, Message job, Runnable beforeSending) {
        InstanceStatusEvent event = InstanceStatusEvent.of(progress, clock.instant());
        publisher.publishOnce(Topology.EVENTS, event.routingKey(), message(event, job), beforeSending);
    }

    /**
     * @param routingKey of the job's own queue, for its return from a wait queue
     * @param requireDelivery throws an exception if the job's message is no longer this worker's
     * @throws DeliveryLostException if the worker stops before the broker has everything
     */
    void carryOut(Disposition disposition, String jobId, String routingKey, Message job, Runnable requireDelivery) {
        points.at("decided", jobId);
        if (disposition instanceof Disposition.Ended ended) {
            publish(ended.event(), job);
            if (ended.deadLettered()) {
                JobResult result = ended.event().data();
                deadLetter(
                        job,
                        new Death(
                                Objects.requireNonNull(result.error(), "a dead letter has an error"),
                                result.facts(),
                                ended.runId(),
                                ended.firstFailureAt(),
                                worker),
                        jobId);
            }
        } else if (disposition instanceof Disposition.TryAgain again) {
            publish(again.event(), job);
            delay(job, again.carried(), again.delay(), routingKey, jobId, requireDelivery);
        } else if (disposition instanceof Disposition.Wait wait) {
            log.info("Waits {} s: {}", wait.delay().length().toMillis() / 1e3, wait.reason());
            delay(job, wait.carried(), wait.delay(), routingKey, jobId, requireDelivery);
        }
    }

    /** Lets the message wait whose run is claimed by another delivery. */
    void waitForClaim(Message job, ClaimLostException lost, String jobId, String routingKey, Runnable requireDelivery) {
        log.info("Waits {} s: {}", whileClaimLost.length().toMillis() / 1e3, lost.getMessage());
        delay(job, Carried.run(lost.runId()), whileClaimLost, routingKey, jobId, requireDelivery);
    }

    /** @param rejected null where no job id can be made out */
    void refuse(ReadJob.Refused refused, @Nullable InstanceStatusEvent rejected, Message message) {
        log.warn("A message is refused and goes to {}: {} {}", Topology.DEAD, refused.code(), refused.message());
        if (rejected != null) {
            publish(rejected, message);
        }
        JobError error = new JobError(refused.code(), refused.message(), null, null);
        JobFacts facts = rejected == null ? null : rejected.data().facts();
        // A job that has waited keeps its row, so that a replay is not later than the jobs that came after it.
        String runId = JobHeaders.runId(message.getMessageProperties());
        deadLetter(message, new Death(error, facts, runId, null, worker), String.valueOf(refused.jobId()));
    }

    /** Sends a job to the queue of its own server. */
    void move(Message job, String queue, String jobId) {
        Message moved = MessageBuilder.fromClonedMessage(job).build();
        moved.getMessageProperties().setUserId(null);
        // The broker would send copies to the queues that a publisher names in a header such as CC.
        moved.getMessageProperties().getHeaders().keySet().removeIf(header -> !header.startsWith(JobHeaders.PREFIX));
        Traces.carry(job.getMessageProperties(), moved.getMessageProperties());
        publishers.name(moved.getMessageProperties(), job.getMessageProperties());
        if (JobHeaders.isRedelivered(job.getMessageProperties())) {
            // An earlier delivery may have been sent there already.
            moved.getMessageProperties().setHeader(JobHeaders.REDELIVERED, true);
        }
        moved.getMessageProperties().setDeliveryMode(MessageDeliveryMode.PERSISTENT);
        publisher.publish(Topology.DEFAULT_EXCHANGE, queue, moved);
        points.at("moved", jobId);
    }

    private void publish(InstanceStatusEvent event, Message job) {
        JobLog.ended(event.data());
        Message message;
        try (MessageSpan span = traces.publish(Topology.EVENTS, event.routingKey())) {
            message = publishOrShorten(event, job);
            span.succeeded();
        }
        answer(event, job.getMessageProperties().getReplyTo(), message);
        points.at("published", event.data().facts().jobId());
    }

    private Message publishOrShorten(InstanceStatusEvent event, Message job) {
        Message message = message(event, job);
        try {
            publisher.publish(Topology.EVENTS, event.routingKey(), message);
            return message;
        } catch (TooLargeException e) {
            return publishShorter(event, job, e);
        }
    }

    private Message publishShorter(InstanceStatusEvent event, Message job, TooLargeException e) {
        log.warn("The event is too large for the broker, so a shorter one is published: {}", e.getMessage());
        InstanceStatusEvent shorter = InstanceStatusEvent.of(ShortenedResult.of(event.data()), event.time());
        Message message = message(shorter, job);
        publisher.publish(Topology.EVENTS, shorter.routingKey(), message);
        return message;
    }

    private void answer(InstanceStatusEvent event, @Nullable String queue, Message message) {
        if (queue == null || !event.data().outcome().terminal()) {
            return;
        }
        if (queue.startsWith("amq.rabbitmq.reply-to.")
                || queue.startsWith("amq.gen-")
                || replyTo.matcher(queue).matches()) {
            publisher.publishOnce(Topology.DEFAULT_EXCHANGE, queue, message, () -> {});
        } else {
            log.warn(
                    "The job's reply_to is not answered: the setting instance-worker.reply-to-pattern does not allow that"
                            + " queue");
        }
    }

    private Message message(InstanceStatusEvent event, Message job) {
        String correlationId = job.getMessageProperties().getCorrelationId();
        MessageProperties properties = new MessageProperties();
        properties.setContentType(InstanceStatusEvent.CONTENT_TYPE);
        properties.setContentEncoding(StandardCharsets.UTF_8.name());
        properties.setMessageId(shortString(event.id()));
        properties.setCorrelationId(
                shortString(correlationId == null ? event.data().facts().jobId() : correlationId));
        properties.setType(InstanceStatusEvent.TYPE);
        properties.setTimestamp(Date.from(event.time()));
        properties.setAppId(APP_ID);
        properties.setDeliveryMode(MessageDeliveryMode.PERSISTENT);
        Traces.inject(properties);
        return MessageBuilder.withBody(writer.write(event.in(Traces.current())))
                .andProperties(properties)
                .build();
    }

    /** A jobId of 150 characters may be longer than the property may be in bytes; the body has it in any case. */
    private static @Nullable String shortString(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_SHORT_STRING ? text : null;
    }

    /** The broker gives a lost delivery to another worker. A copy of its message in a wait queue would be a second one. */
    private void delay(
            Message job, Carried carried, Delay delay, String routingKey, String jobId, Runnable requireDelivery) {
        Message waiting = JobHeaders.waiting(job, carried, delay, clock.instant());
        publishers.name(waiting.getMessageProperties(), job.getMessageProperties());
        publisher.publish(Topology.WAIT, routingKey, waiting, requireDelivery);
        points.at("delayed", jobId);
    }

    private void deadLetter(Message job, Death death, String jobId) {
        Message dead = JobHeaders.dead(job, death, clock.instant());
        publishers.name(dead.getMessageProperties(), job.getMessageProperties());
        publisher.publish(Topology.DEFAULT_EXCHANGE, Topology.DEAD, dead);
        points.at("dead-lettered", jobId);
    }
}
