package io.instanceworker.messaging;

import io.instanceworker.contracts.result.EventWriter;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobResult;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Date;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;

/** Tells results: to everybody, and a final one also to whoever asked for an answer. */
final class ResultPublisher {

    private static final String APP_ID = "instance-worker";

    /** What an AMQP property can hold. */
    private static final int LONGEST_SHORT_STRING = 255;

    private final ConfirmedPublisher publisher;
    private final EventWriter writer = new EventWriter();
    private final Clock clock;

    ResultPublisher(ConfirmedPublisher publisher, Clock clock) {
        this.publisher = publisher;
        this.clock = clock;
    }

    /** @param job the properties of the job's own message */
    void publish(JobResult result, MessageProperties job) {
        InstanceStatusEvent event = InstanceStatusEvent.of(result, clock.instant());
        Message message = message(event, job.getCorrelationId());
        publisher.publish(Topology.EVENTS, event.routingKey(), message);
        if (job.getReplyTo() != null && result.outcome().terminal()) {
            publisher.publishIfWanted(job.getReplyTo(), message);
        }
    }

    /**
     * @param job the properties of the job's own message
     * @return whether it was taken, and the broker was there all the time
     */
    boolean publishBeginning(JobResult.InProgress begun, MessageProperties job) {
        InstanceStatusEvent event = InstanceStatusEvent.of(begun, clock.instant());
        return publisher.publishWhileThere(Topology.EVENTS, event.routingKey(), message(event, job.getCorrelationId()));
    }

    private Message message(InstanceStatusEvent event, @Nullable String correlationId) {
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
        return MessageBuilder.withBody(writer.write(event))
                .andProperties(properties)
                .build();
    }

    /** A jobId of 150 letters from far away is longer than the property may be; the body has it in any case. */
    private static @Nullable String shortString(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_SHORT_STRING ? text : null;
    }
}
