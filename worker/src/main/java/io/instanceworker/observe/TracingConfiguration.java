package io.instanceworker.observe;

import io.instanceworker.settings.SettingsException;
import io.instanceworker.settings.WorkerProperties;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Exports spans over OTLP if an endpoint is set, by the properties of OpenTelemetry's own SDK. */
@Configuration(proxyBeanMethods = false)
public class TracingConfiguration {

    private static final String PREFIX = "otel";

    @Bean
    OpenTelemetry openTelemetry(Environment environment, WorkerProperties properties) {
        Map<String, String> settings = new HashMap<>(Map.of(
                // Metrics are Prometheus's, and the log is the console's.
                "otel.metrics.exporter", "none",
                "otel.logs.exporter", "none",
                "otel.exporter.otlp.protocol", "http/protobuf",
                "otel.service.name", "instance-worker"));
        Binder.get(environment)
                .bind(PREFIX, Bindable.mapOf(String.class, String.class))
                .orElseGet(Map::of)
                .forEach((name, value) -> settings.put(PREFIX + "." + name, value));
        return Stream.of("otel.exporter.otlp.endpoint", "otel.exporter.otlp.traces.endpoint")
                        .anyMatch(settings::containsKey)
                ? Exporting.by(settings, properties.name())
                : OpenTelemetry.noop();
    }

    /** A class of its own, so that nothing of the SDK is loaded if spans are not exported. */
    private static final class Exporting {
        private static OpenTelemetry by(Map<String, String> settings, String worker) {
            try {
                // Spring closes it when the last job has ended; a shutdown hook of the SDK would do so before.
                return AutoConfiguredOpenTelemetrySdk.builder()
                        .disableShutdownHook()
                        .addPropertiesSupplier(() -> settings)
                        .addResourceCustomizer((resource, properties) -> resource.toBuilder()
                                .put("service.instance.id", worker)
                                .build())
                        .build()
                        .getOpenTelemetrySdk();
            } catch (ConfigurationException e) {
                // The SDK's message has the value, which might be a password.
                throw new SettingsException(List.of(PREFIX + ".*: OpenTelemetry cannot use one of these settings"));
            }
        }
    }
}
