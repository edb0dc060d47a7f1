package io.instanceworker.demo;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Delivery;
import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobResult;
import java.util.ArrayList;
import java.util.List;

/**
 * An event as a recorder gets it.
 *
 * @param mistakes what is wrong with it, whatever its job was
 */
record Received(InstanceStatusEvent event, List<String> mistakes) {

    private static final int PERSISTENT = 2;

    /** @throws IllegalArgumentException if it is no event */
    static Received of(Delivery delivery) {
        InstanceStatusEvent event = new EventReader().read(delivery.getBody());
        InstanceStatusEvent asItShouldBe = InstanceStatusEvent.of(event.data(), event.time());
        BasicProperties properties = delivery.getProperties();
        List<String> mistakes = new ArrayList<>();
        expect(mistakes, "id", asItShouldBe.id(), event.id());
        expect(mistakes, "subject", asItShouldBe.subject(), event.subject());
        expect(
                mistakes,
                "routing key",
                event.routingKey(),
                delivery.getEnvelope().getRoutingKey());
        expect(mistakes, "content_type", InstanceStatusEvent.CONTENT_TYPE, properties.getContentType());
        expect(mistakes, "message_id", event.id(), properties.getMessageId());
        expect(mistakes, "correlation_id", event.data().facts().jobId(), properties.getCorrelationId());
        expect(mistakes, "delivery_mode", PERSISTENT, properties.getDeliveryMode());
        return new Received(event, List.copyOf(mistakes));
    }

    private static void expect(List<String> mistakes, String what, Object expected, Object actual) {
        if (!String.valueOf(expected).equals(String.valueOf(actual))) {
            mistakes.add("the event's " + what + " is " + actual + " and should be " + expected);
        }
    }

    JobResult result() {
        return event.data();
    }

    String jobId() {
        return result().facts().jobId();
    }
}
