package io.instanceworker.messaging;

import io.instanceworker.contracts.result.TraceContext;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;

/**
 * The W3C trace context of messages, and spans by OpenTelemetry's conventions for messaging. If spans are not exported, no span is
 * recorded, and the trace context of a job's message is passed on unchanged.
 */
public final class Traces {

    /** The headers of a message that carry the trace context. */
    public static final List<String> HEADERS =
            List.copyOf(W3CTraceContextPropagator.getInstance().fields());

    private static final TextMapPropagator W3C = W3CTraceContextPropagator.getInstance();

    private final Tracer tracer;

    Traces(OpenTelemetry openTelemetry) {
        this.tracer = openTelemetry.getTracer("io.instanceworker");
    }

    /** Starts the span in which a message is processed, as a child of the span in which it was published. */
    MessageSpan process(Message message) {
        MessageProperties properties = message.getMessageProperties();
        String queue = String.valueOf(properties.getConsumerQueue());
        // The publisher chooses the routing key, so a name of the span that contained it would not be one of few.
        SpanBuilder span = span("process", queue, SpanKind.CONSUMER)
                .setParent(W3C.extract(Context.root(), properties, new Headers()))
                .setAttribute("messaging.destination.template", queue)
                .setAttribute(
                        "messaging.destination.name",
                        destination(properties.getReceivedExchange(), properties.getReceivedRoutingKey(), queue))
                .setAttribute("messaging.rabbitmq.destination.routing_key", properties.getReceivedRoutingKey())
                .setAttribute("messaging.rabbitmq.message.delivery_tag", properties.getDeliveryTag());
        if (properties.getMessageId() != null) {
            span.setAttribute("messaging.message.id", properties.getMessageId());
        }
        if (properties.getCorrelationId() != null) {
            span.setAttribute("messaging.message.conversation_id", properties.getCorrelationId());
        }
        return new MessageSpan(span.startSpan());
    }

    /** Starts the span in which a result is published. */
    MessageSpan publish(String exchange, String routingKey) {
        String destination = destination(exchange, routingKey);
        return new MessageSpan(span("publish", destination, SpanKind.PRODUCER)
                .setAttribute("messaging.destination.name", destination)
                .setAttribute("messaging.rabbitmq.destination.routing_key", routingKey)
                .startSpan());
    }

    private SpanBuilder span(String operation, String destination, SpanKind kind) {
        return tracer.spanBuilder(operation + " " + destination)
                .setSpanKind(kind)
                .setAttribute("messaging.system", "rabbitmq")
                .setAttribute("messaging.operation.name", operation)
                .setAttribute("messaging.operation.type", kind == SpanKind.PRODUCER ? "send" : operation);
    }

    private static String destination(@Nullable String... parts) {
        return Stream.of(parts)
                .filter(part -> part != null && !part.isEmpty())
                .distinct()
                .collect(Collectors.joining(":"));
    }

    /** The trace context of the current span; null if there is none. */
    static @Nullable TraceContext current() {
        Map<String, String> fields = new HashMap<>();
        W3C.inject(Context.current(), fields, (map, name, value) -> map.put(name, value));
        String traceparent = fields.get("traceparent");
        return traceparent == null ? null : new TraceContext(traceparent, fields.get("tracestate"));
    }

    /** Writes the trace context of the current span into the headers. */
    static void inject(MessageProperties properties) {
        inject(Context.current(), properties);
    }

    /**
     * Writes the publisher's trace context into the headers of a copy. All attempts of a job are then children of the same
     * span. A message without a trace context gets that of the current span, so that its next attempt is in the same trace.
     */
    static void carry(MessageProperties received, MessageProperties copy) {
        inject(W3C.extract(Context.current(), received, new Headers()), copy);
    }

    private static void inject(Context context, MessageProperties properties) {
        W3C.inject(context, properties, (to, name, value) -> to.setHeader(name, value));
    }

    /** Headers that are longer than 1,024 bytes are not strings here, and are ignored. */
    private static final class Headers implements TextMapGetter<MessageProperties> {
        @Override
        public Iterable<String> keys(MessageProperties properties) {
            return properties.getHeaders().keySet();
        }

        @Override
        public @Nullable String get(@Nullable MessageProperties properties, String name) {
            return properties != null && properties.getHeaders().get(name) instanceof String text ? text : null;
        }
    }
}
