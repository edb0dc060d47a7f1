package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.result.TraceContext;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageProperties;

class TracesTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final String TRACEPARENT = "00-" + TRACE + "-" + PARENT + "-01";
    private static final Map<String, Object> TRACED = Map.of("traceparent", TRACEPARENT, "tracestate", "vendor=1");

    private final List<SpanData> exported = new ArrayList<>();
    private final Traces on = new Traces(OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(new Exporter()))
                    .build())
            .build());
    private final Traces off = new Traces(OpenTelemetry.noop());

    private final class Exporter implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            exported.addAll(spans);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    private static Message message(Map<String, Object> headers) {
        MessageProperties properties = new MessageProperties();
        properties.getHeaders().putAll(headers);
        properties.setConsumerQueue("instance.jobs.provision");
        properties.setReceivedExchange("instance.jobs");
        properties.setReceivedRoutingKey("job.add");
        properties.setCorrelationId("c-1");
        return MessageBuilder.withBody(new byte[] {1}).andProperties(properties).build();
    }

    private static Object attribute(SpanData span, String name) {
        return span.getAttributes().get(AttributeKey.stringKey(name));
    }

    @Test
    void theSpansOfAJobFollowTheConventionsForMessaging() {
        TraceContext published;
        try (MessageSpan job = on.process(message(TRACED))) {
            job.at("create");
            try (MessageSpan result = on.publish("instance.events", "status.add.succeeded")) {
                published = Traces.current();
                result.succeeded();
            }
            job.outcome("Succeeded");
        }

        SpanData process = exported.get(1);
        assertThat(process.getName()).isEqualTo("process instance.jobs.provision");
        assertThat(process.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(process.getTraceId()).isEqualTo(TRACE);
        assertThat(process.getParentSpanId()).isEqualTo(PARENT);
        assertThat(process.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(attribute(process, "messaging.system")).isEqualTo("rabbitmq");
        assertThat(attribute(process, "messaging.operation.type")).isEqualTo("process");
        assertThat(attribute(process, "messaging.destination.name"))
                .isEqualTo("instance.jobs:job.add:instance.jobs.provision");
        assertThat(attribute(process, "messaging.rabbitmq.destination.routing_key"))
                .isEqualTo("job.add");
        assertThat(attribute(process, "messaging.message.conversation_id")).isEqualTo("c-1");
        assertThat(process.getEvents())
                .singleElement()
                .satisfies(step -> assertThat(step.getName()).isEqualTo("create"));

        SpanData publish = exported.get(0);
        assertThat(publish.getName()).isEqualTo("publish instance.events:status.add.succeeded");
        assertThat(publish.getKind()).isEqualTo(SpanKind.PRODUCER);
        assertThat(publish.getParentSpanId()).isEqualTo(process.getSpanId());
        assertThat(attribute(publish, "messaging.operation.type")).isEqualTo("send");
        assertThat(published)
                .isEqualTo(new TraceContext("00-" + TRACE + "-" + publish.getSpanId() + "-01", "vendor=1"));
        assertThat(Traces.current()).isNull();
    }

    @Test
    void aMessageThatGoesBackToItsQueueIsAnError() {
        on.process(message(TRACED)).close();

        SpanData process = exported.get(0);
        assertThat(process.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(attribute(process, "error.type")).isEqualTo("interrupted");
    }

    @Test
    void withoutAnExporterTheContextIsPassedOnUnchanged() {
        try (MessageSpan job = off.process(message(TRACED));
                MessageSpan result = off.publish("instance.events", "status.add.succeeded")) {
            assertThat(Traces.current()).isEqualTo(new TraceContext(TRACEPARENT, "vendor=1"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "drop table"})
    void anInvalidContextIsIgnored(String traceparent) {
        Message invalid = message(Map.of("traceparent", traceparent, "tracestate", "vendor=1"));
        try (MessageSpan job = off.process(invalid)) {
            assertThat(Traces.current()).isNull();
            assertThat(carried(invalid)).isEmpty();
        }
    }

    private static Map<String, Object> carried(Message message) {
        return JobHeaders.copy(message).getMessageProperties().getHeaders();
    }

    /** All attempts are children of the publisher's span. */
    @Test
    void aCopyOfTheMessageCarriesThePublishersContext() {
        Message message = message(TRACED);
        try (MessageSpan job = on.process(message)) {
            assertThat(carried(message)).isEqualTo(TRACED);
        }
    }

    @Test
    void aMessageWithoutAContextStaysInTheTraceOfItsFirstAttempt() {
        Message message = message(Map.of());
        try (MessageSpan job = on.process(message)) {
            assertThat(carried(message).get("traceparent"))
                    .isEqualTo(Traces.current().traceparent());
        }
        assertThat(carried(message)).isEmpty();
    }
}
