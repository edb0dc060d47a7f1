package io.instanceworker.messaging.deadletters;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.impl.LongStringHelper;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Dead letters as the client hands them out: its texts are no strings. */
final class Letters {

    private Letters() {}

    static DeadLetter of(String body, Map<String, Object> headers) {
        return of(body, new BasicProperties.Builder(), headers);
    }

    static DeadLetter of(String body, BasicProperties.Builder properties, Map<String, Object> headers) {
        Map<String, Object> received = new HashMap<>(headers);
        received.replaceAll(
                (name, value) -> value instanceof String text ? LongStringHelper.asLongString(text) : value);
        return new DeadLetter(new Delivery(
                new Envelope(1, false, "", "instance.jobs.dead"),
                properties.headers(received).build(),
                body.getBytes(StandardCharsets.UTF_8)));
    }
}
