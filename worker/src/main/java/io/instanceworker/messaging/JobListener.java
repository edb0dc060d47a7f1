package io.instanceworker.messaging;

import com.rabbitmq.client.Channel;
import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.job.AbandonedException;
import io.instanceworker.job.JobFields;
import io.instanceworker.job.JobHandler;
import io.instanceworker.job.Ticket;
import io.instanceworker.job.Verdict;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.listener.api.ChannelAwareMessageListener;

/**
 * Takes one message at a time and acknowledges it only when everything that follows from it has a place of its own at the
 * broker: the result, the next attempt, the dead letter.
 */
final class JobListener implements ChannelAwareMessageListener {

    private static final Logger log = LoggerFactory.getLogger(JobListener.class);

    private final JobReader reader = new JobReader();
    private final JobHandler handler;
    private final ResultPublisher results;
    private final ConfirmedPublisher publisher;
    private final int maxDeliveries;
    private final String worker;
    private final Clock clock;

    JobListener(
            JobHandler handler,
            ResultPublisher results,
            ConfirmedPublisher publisher,
            int maxDeliveries,
            String worker,
            Clock clock) {
        this.handler = handler;
        this.results = results;
        this.publisher = publisher;
        this.maxDeliveries = maxDeliveries;
        this.worker = worker;
        this.clock = clock;
    }

    @Override
    public void onMessage(Message message, @Nullable Channel channel) throws IOException {
        if (channel == null) {
            throw new IllegalStateException("The container must acknowledge by hand");
        }
        long tag = message.getMessageProperties().getDeliveryTag();
        try {
            process(message);
        } catch (AbandonedException e) {
            log.warn("A job is left to another worker: {}", e.getMessage());
            return;
        } catch (RuntimeException e) {
            log.error(
                    "A message could not be dealt with, which is a defect of the worker; it goes back to its queue", e);
            // Not a nack: from RabbitMQ 4.3 on that no longer counts as a delivery, and the job would come back for
            // ever.
            channel.basicReject(tag, true);
            return;
        }
        acknowledge(channel, tag);
    }

    private static void acknowledge(Channel channel, long tag) throws IOException {
        try {
            channel.basicAck(tag, false);
        } catch (RuntimeException e) {
            // consumer_timeout, or the connection broke: the job comes back, finds its work done and tells the same
            // result.
            log.warn(
                    "The channel was closed before the job was acknowledged, so it will come again: {}",
                    e.getMessage());
        }
    }

    private void process(Message message) {
        ReadJob read = reader.read(message.getBody());
        if (read instanceof ReadJob.Refused refused) {
            refuse(message, refused);
        } else if (read instanceof ReadJob.Accepted accepted) {
            run(message, accepted.job());
        }
    }

    private void refuse(Message message, ReadJob.Refused refused) {
        log.warn("A message is no job and is kept in {}: {} {}", Topology.DEAD, refused.code(), refused.message());
        handler.reject(refused).ifPresent(result -> results.publish(result, message.getMessageProperties()));
        JobError error = new JobError(refused.code(), refused.message(), null, null);
        keep(message, null, error, refused.jobId());
    }

    private void run(Message message, Job job) {
        Ticket ticket = JobHeaders.ticket(message.getMessageProperties(), handler.newTicket());
        try (JobFields fields = JobFields.open(job, ticket)) {
            long deliveries = JobHeaders.deliveryCount(message.getMessageProperties());
            Verdict verdict = deliveries >= maxDeliveries
                    ? handler.endAsPoison(job, ticket, deliveries)
                    : handler.handle(job, ticket, begun -> results.publish(begun, message.getMessageProperties()));
            carryOut(verdict, message);
        }
    }

    private void carryOut(Verdict verdict, Message message) {
        if (verdict instanceof Verdict.Ended ended) {
            tell(ended.result(), message);
        } else if (verdict instanceof Verdict.EndedAndKept kept) {
            tell(kept.result(), message);
            keep(
                    message,
                    kept.ticket(),
                    errorOf(kept.result()),
                    kept.result().facts().jobId());
        } else if (verdict instanceof Verdict.TryAgain again) {
            tell(again.result(), message);
            sendToTier(message, again.ticket(), again.delay());
        } else if (verdict instanceof Verdict.Wait wait) {
            log.info("The job waits {}: {}", wait.delay(), wait.reason());
            sendToTier(message, wait.ticket(), wait.delay());
        }
    }

    private void tell(JobResult result, Message message) {
        if (result instanceof JobResult.Succeeded succeeded) {
            log.info("The job is done; the database was {}", succeeded.changed() ? "changed" : "left as it is");
        } else {
            JobError error = errorOf(result);
            log.warn("The job's attempt ended as {}: {} {}", result.outcome(), error.code(), error.message());
        }
        results.publish(result, message.getMessageProperties());
    }

    private static JobError errorOf(JobResult result) {
        if (result instanceof JobResult.Failed failed) {
            return failed.error();
        } else if (result instanceof JobResult.Error failed) {
            return failed.error();
        } else if (result instanceof JobResult.Rejected rejected) {
            return rejected.error();
        }
        return new JobError(ErrorCode.INTERNAL_ERROR, "no error: " + result.outcome(), null, null);
    }

    private void sendToTier(Message message, Ticket ticket, Duration delay) {
        String routingKey = String.valueOf(message.getMessageProperties().getReceivedRoutingKey());
        publisher.publish(Topology.WAIT, routingKey, JobHeaders.waiting(message, ticket, delay));
    }

    private void keep(Message message, @Nullable Ticket ticket, JobError error, @Nullable String jobId) {
        publisher.publish(
                Topology.DEFAULT_EXCHANGE,
                Topology.DEAD,
                JobHeaders.dead(message, ticket, error, jobId, worker, clock.instant()));
    }
}
