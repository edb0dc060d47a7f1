package io.instanceworker.messaging;

import com.rabbitmq.client.Channel;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.job.AbandonedException;
import io.instanceworker.job.JobFields;
import io.instanceworker.job.JobHandler;
import io.instanceworker.job.JobPoints;
import io.instanceworker.job.JobsInHand;
import io.instanceworker.job.ProgressListener;
import io.instanceworker.job.Ticket;
import io.instanceworker.job.Verdict;
import io.instanceworker.settings.WorkerProperties;
import java.io.IOException;
import java.time.Clock;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.listener.api.ChannelAwareMessageListener;

/** Takes one message at a time and acknowledges it only when everything that follows from it is at the broker. */
final class JobListener implements ChannelAwareMessageListener {

    private static final Logger log = LoggerFactory.getLogger(JobListener.class);

    private static final int LAST_DELIVERIES = WorkerProperties.BROKER_DELIVERY_LIMIT - 5;

    private final JobReader reader = new JobReader();
    private final JobHandler handler;
    private final Consequences consequences;
    private final JobsInHand inHand;
    private final JobPoints points;
    private final int maxDeliveries;
    private final Clock clock;

    JobListener(
            JobHandler handler,
            Consequences consequences,
            JobsInHand inHand,
            JobPoints points,
            int maxDeliveries,
            Clock clock) {
        this.handler = handler;
        this.consequences = consequences;
        this.inHand = inHand;
        this.points = points;
        this.maxDeliveries = maxDeliveries;
        this.clock = clock;
    }

    @Override
    public void onMessage(Message message, @Nullable Channel channel) throws IOException {
        if (channel == null) {
            throw new IllegalStateException("The container must acknowledge by hand");
        }
        long tag = message.getMessageProperties().getDeliveryTag();
        String jobId;
        try {
            jobId = process(message, channel);
        } catch (AbandonedException e) {
            log.warn("A job is left to another worker: {}", e.getMessage());
            giveBack(channel, tag);
            return;
        } catch (RuntimeException e) {
            log.error(
                    "A message could not be dealt with, which is a defect of the worker; it goes back to its queue", e);
            giveBack(channel, tag);
            return;
        }
        acknowledge(channel, tag);
        points.at("acknowledged", jobId);
    }

    private static String jobId(ReadJob read) {
        return read instanceof ReadJob.Accepted accepted
                ? accepted.job().jobId()
                : String.valueOf(((ReadJob.Refused) read).jobId());
    }

    private static void acknowledge(Channel channel, long tag) throws IOException {
        try {
            channel.basicAck(tag, false);
        } catch (RuntimeException e) {
            // consumer_timeout, or the connection broke: the job comes back, and its result is told again.
            log.warn(
                    "The channel was closed before the job was acknowledged, so it will come again: {}",
                    e.getMessage());
        }
    }

    /** Not by a nack: from RabbitMQ 4.3 on that no longer counts as a delivery, and the job would come back for ever. */
    private static void giveBack(Channel channel, long tag) throws IOException {
        try {
            channel.basicReject(tag, true);
        } catch (RuntimeException e) {
            log.info("The channel is closed, so that the message has gone back by itself: {}", e.getMessage());
        }
    }

    /** @return the job's id, as far as one can be made out */
    private String process(Message message, Channel channel) {
        ReadJob read = reader.read(message.getBody());
        String jobId = jobId(read);
        points.at("received", jobId);
        if (read instanceof ReadJob.Refused refused) {
            consequences.refuse(refused, handler.reject(refused).orElse(null), message);
        } else if (read instanceof ReadJob.Accepted accepted) {
            run(message, accepted.job(), channel);
        }
        return jobId;
    }

    private void run(Message message, Job job, Channel channel) {
        Ticket read = JobHeaders.ticket(message.getMessageProperties(), handler.newTicket());
        String run = UUID.randomUUID().toString();
        try (JobsInHand.Entry hand = inHand.begin(job, read.attempt(), clock.instant())) {
            runOrGiveBack(message, job, channel, read, run, hand);
        }
    }

    private void runOrGiveBack(
            Message message, Job job, Channel channel, Ticket read, String run, JobsInHand.Entry hand) {
        try {
            requireOurs(channel);
            EndedJobs.Past past = consequences.past(run, read, message);
            requireOurs(channel);
            run(message, job, channel, read, past, hand);
        } catch (AbandonedException e) {
            consequences.giveBack(run, read, message, channel.isOpen());
            throw e;
        }
    }

    private void run(
            Message message, Job job, Channel channel, Ticket read, EndedJobs.Past past, JobsInHand.Entry hand) {
        try (JobFields fields = JobFields.open(job, read)) {
            if (past.ended().isPresent()) {
                hand.at("tell");
                consequences.tellAgain(past.ended().orElseThrow(), read, message);
                return;
            }
            // A page of states is not in the log, and does no harm if it is told once more.
            if (past.overtaken() && job.operation().changesDatabases()) {
                log.info("What follows from this message has been taken by a worker already; nothing is left to do");
                return;
            }
            Ticket ticket = read.afterDeaths(past.runs(), past.firstReceivedAt());
            // Those given back are no deaths, but the broker counts them, and drops the message without a word at its
            // limit.
            int deliveries = JobHeaders.deliveryCount(message.getMessageProperties());
            Verdict verdict = ticket.deaths() >= maxDeliveries || deliveries >= LAST_DELIVERIES
                    ? handler.endAsPoison(job, ticket, Math.max(ticket.deaths(), deliveries))
                    : handler.handle(job, ticket, new Progress(job.jobId(), message, channel, hand));
            hand.at("tell");
            consequences.carryOut(verdict, job.jobId(), ticket, message);
        }
    }

    /** Whoever was held up for long must not do what another worker has done, and a third one undone, in the meantime. */
    private static void requireOurs(Channel channel) {
        if (!channel.isOpen()) {
            throw new AbandonedException("The channel that the job came by was closed");
        }
    }

    private final class Progress implements ProgressListener {
        private final String jobId;
        private final Message message;
        private final Channel channel;
        private final JobsInHand.Entry hand;

        private Progress(String jobId, Message message, Channel channel, JobsInHand.Entry hand) {
            this.jobId = jobId;
            this.message = message;
            this.channel = channel;
            this.hand = hand;
        }

        @Override
        public void isFor(String server, @Nullable InstanceRef instance) {
            hand.isFor(server, instance);
        }

        @Override
        public void begins(JobResult.InProgress begun) {
            consequences.begin(begun, message);
            requireOurs(channel);
        }

        @Override
        public void at(String step) {
            hand.at(step);
            points.at(step, jobId);
        }
    }
}
