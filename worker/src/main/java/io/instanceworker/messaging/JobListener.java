package io.instanceworker.messaging;

import com.rabbitmq.client.Channel;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.job.ClaimLostException;
import io.instanceworker.job.DeliveryLostException;
import io.instanceworker.job.Disposition;
import io.instanceworker.job.FaultInjectionPoints;
import io.instanceworker.job.JobDelivery;
import io.instanceworker.job.JobFields;
import io.instanceworker.job.JobHandler;
import io.instanceworker.job.JobObserver;
import io.instanceworker.job.RunningJobs;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.connection.ChannelProxy;
import org.springframework.amqp.rabbit.listener.api.ChannelAwareMessageListener;

/** Receives one message at a time, and acknowledges it only when the broker has confirmed all that was published for it. */
final class JobListener implements ChannelAwareMessageListener {

    private static final Logger log = LoggerFactory.getLogger(JobListener.class);

    private final JobReader reader = new JobReader();
    private final JobHandler handler;
    private final HomeQueues homes;
    private final OutcomePublisher outcomes;
    private final RunningJobs running;
    private final FaultInjectionPoints points;
    private final int maxAttempts;
    private final Clock clock;
    private final Publishers publishers;
    private final Traces traces;

    JobListener(
            JobHandler handler,
            HomeQueues homes,
            OutcomePublisher outcomes,
            RunningJobs running,
            FaultInjectionPoints points,
            int maxAttempts,
            Clock clock,
            Publishers publishers,
            Traces traces) {
        this.handler = handler;
        this.homes = homes;
        this.outcomes = outcomes;
        this.running = running;
        this.points = points;
        this.maxAttempts = maxAttempts;
        this.clock = clock;
        this.publishers = publishers;
        this.traces = traces;
    }

    @Override
    public void onMessage(Message message, @Nullable Channel given) throws IOException {
        if (given == null) {
            throw new IllegalStateException("The container must acknowledge by hand");
        }
        // Spring's proxy would replace a closed channel, and the message is not on another channel.
        Channel channel = given instanceof ChannelProxy proxy ? proxy.getTargetChannel() : given;
        long tag = message.getMessageProperties().getDeliveryTag();
        String jobId;
        try (MessageSpan span = traces.process(message)) {
            jobId = process(message, channel, span);
        } catch (DeliveryLostException e) {
            log.warn("A job goes back to its queue: {}", e.getMessage());
            requeue(channel, tag);
            return;
        } catch (RuntimeException | StackOverflowError e) {
            log.error(
                    "A message could not be processed, which is a defect of the worker; it goes back to its queue", e);
            requeue(channel, tag);
            return;
        }
        acknowledge(channel, tag);
        points.at("acknowledged", jobId);
    }

    private static void acknowledge(Channel channel, long tag) throws IOException {
        try {
            channel.basicAck(tag, false);
        } catch (RuntimeException e) {
            // consumer_timeout, or the connection broke: the job is redelivered, and its result is published again.
            log.warn(
                    "The channel was closed before the job was acknowledged, so it will be redelivered: {}",
                    e.getMessage());
        }
    }

    /** Uses reject, because from RabbitMQ 4.3 on a nack does not count as a delivery: the job could be redelivered for ever. */
    private static void requeue(Channel channel, long tag) throws IOException {
        try {
            channel.basicReject(tag, true);
        } catch (RuntimeException e) {
            log.info("The channel is closed, so the broker has the message back already: {}", e.getMessage());
        }
    }

    /** @return the job's id, or "null" if it could not be read */
    private String process(Message message, Channel channel, MessageSpan span) {
        ReadJob read = publishers.checked(reader.read(message.getBody()), message.getMessageProperties());
        if (read instanceof ReadJob.Refused refused) {
            String jobId = String.valueOf(refused.jobId());
            points.at("received", jobId);
            outcomes.refuse(refused, handler.reject(refused).orElse(null), message);
            span.outcome("Rejected");
            span.failed(refused.code().name());
            return jobId;
        }
        Job job = ((ReadJob.Accepted) read).job();
        points.at("received", job.jobId());
        span.isAbout(job);
        try (JobFields fields = JobFields.open(job)) {
            Optional<String> elsewhere = homes.otherThan(
                    String.valueOf(message.getMessageProperties().getConsumerQueue()), job);
            if (elsewhere.isPresent()) {
                outcomes.move(message, elsewhere.orElseThrow(), job.jobId());
                span.outcome("Moved");
            } else {
                run(message, job, channel, span);
            }
        }
        return job.jobId();
    }

    private void run(Message message, Job job, Channel channel, MessageSpan span) {
        Runnable requireDelivery = () -> requireDelivery(channel);
        try (RunningJobs.Entry entry = running.add(job, clock.instant())) {
            Disposition disposition =
                    handler.handle(job, delivery(message), new Observer(job.jobId(), message, channel, entry, span));
            entry.at("publish");
            outcomes.carryOut(disposition, job.jobId(), homes.routingKey(job), message, requireDelivery);
            span.endsWith(disposition);
        } catch (ClaimLostException e) {
            // Not directly back into its queue: two deliveries would replace each other's claim again and again.
            outcomes.waitForClaim(message, e, job.jobId(), homes.routingKey(job), requireDelivery);
            span.outcome("Waiting");
        }
    }

    /**
     * The channel may be closed at the broker and not here yet: the network has failed, or this process was stopped for a while.
     * So the broker must answer on the channel. The call itself changes nothing.
     */
    private static void requireDelivery(Channel channel) {
        try {
            channel.basicQos(MessagingConfiguration.PREFETCH);
        } catch (IOException | RuntimeException e) {
            throw new DeliveryLostException("Its channel is closed, so the broker has it back already");
        }
    }

    private JobDelivery delivery(Message message) {
        MessageProperties properties = message.getMessageProperties();
        return new JobDelivery(
                JobReader.sha256(message.getBody()),
                JobHeaders.isRedelivered(properties),
                JobHeaders.isFromWaitQueue(properties),
                JobHeaders.mayBeReplay(properties),
                JobHeaders.deliveryCount(properties),
                JobHeaders.carried(properties, maxAttempts, clock.instant()));
    }

    /** Publishes that the job is in progress, and shows its current step to operators and tests. */
    private final class Observer implements JobObserver {
        private final String jobId;
        private final Message message;
        private final Channel channel;
        private final RunningJobs.Entry entry;
        private final MessageSpan span;

        private Observer(String jobId, Message message, Channel channel, RunningJobs.Entry entry, MessageSpan span) {
            this.jobId = jobId;
            this.message = message;
            this.channel = channel;
            this.entry = entry;
            this.span = span;
        }

        @Override
        public void isAbout(String server, @Nullable InstanceRef instance) {
            entry.isAbout(server, instance);
        }

        @Override
        public void isAttempt(int number) {
            entry.isAttempt(number);
        }

        @Override
        public Confirmation starts(JobResult.InProgress started) {
            Confirmation confirmation = outcomes.start(started, message);
            return () -> {
                confirmation.await();
                points.at("in progress", jobId);
            };
        }

        @Override
        public void progress(JobResult.InProgress progress, Runnable beforeSending) {
            entry.progress(progress.progress());
            span.run(() -> outcomes.progress(progress, message, () -> {
                requireDelivery();
                beforeSending.run();
            }));
        }

        @Override
        public void requireDelivery() {
            JobListener.requireDelivery(channel);
        }

        @Override
        public void at(String step) {
            entry.at(step);
            span.at(step);
            points.at(step, jobId);
        }
    }
}
