package io.instanceworker.observe;

import io.instanceworker.contracts.provision.ServerDescription;
import io.instanceworker.messaging.BrokerRisk;
import io.instanceworker.provision.Servers;
import io.instanceworker.settings.WorkerProperties;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.amqp.autoconfigure.RabbitProperties;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;

/**
 * Logs once after the start what the worker is connected to: RabbitMQ, and the servers with their versions, numbers of
 * concurrent jobs and templates. Runs in the background, because a server may be slow or unreachable.
 */
final class StartReport {

    private static final Logger log = LoggerFactory.getLogger(StartReport.class);

    private final WorkerProperties properties;
    private final Servers servers;
    private final RabbitConnectionDetails broker;
    private final RabbitProperties.Ssl ssl;

    StartReport(
            WorkerProperties properties, Servers servers, RabbitConnectionDetails broker, RabbitProperties.Ssl ssl) {
        this.properties = properties;
        this.servers = servers;
        this.broker = broker;
        this.ssl = ssl;
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work, "start-report");
        thread.setDaemon(true);
        thread.start();
    }

    @EventListener(ApplicationReadyEvent.class)
    void started() {
        BrokerRisk.of(broker.getAddresses(), ssl).ifPresent(log::warn);
        // All servers at the same time, so that the report takes no longer than one timeout.
        List<CompletableFuture<String>> lines = new TreeMap<>(properties.servers())
                .entrySet().stream()
                        .map(server -> CompletableFuture.supplyAsync(
                                () -> line(server.getKey(), server.getValue()), StartReport::inBackground))
                        .toList();
        inBackground(() -> log.info(
                "{} works with virtual host {} of RabbitMQ at {}{}",
                properties.name(),
                broker.getVirtualHost() == null ? "/" : broker.getVirtualHost(),
                broker.getAddresses().stream()
                        .map(address -> address.host() + ":" + address.port())
                        .collect(Collectors.joining(", ")),
                lines.stream().map(CompletableFuture::join).collect(Collectors.joining())));
    }

    private String line(String name, WorkerProperties.Server server) {
        String line = "\n    server " + name + " (" + server.platform() + ", " + server.maxConcurrentJobs()
                + " jobs and " + server.maxConcurrentQueries() + " queries at once): ";
        try {
            Optional<ServerDescription> described = servers.named(name)
                    .provisioner()
                    .describe(server.templates().values());
            Map<String, String> unusable =
                    described.map(ServerDescription::unusableTemplates).orElse(Map.of());
            server.templates().forEach((template, database) -> {
                if (unusable.containsKey(database)) {
                    log.warn(
                            "The template {} of the server {} cannot be used: {}",
                            template,
                            name,
                            unusable.get(database));
                }
            });
            return line + described.map(ServerDescription::product).orElse("its version is not known") + "; "
                    + templates(server.templates(), unusable);
        } catch (RuntimeException e) {
            return line + "not known now: " + e.getMessage();
        }
    }

    private static String templates(Map<String, String> templates, Map<String, String> unusable) {
        return templates.isEmpty()
                ? "no templates"
                : new TreeMap<>(templates)
                        .entrySet().stream()
                                .map(template -> template.getKey() + " = " + template.getValue()
                                        + (unusable.containsKey(template.getValue()) ? " (CANNOT BE USED)" : ""))
                                .collect(Collectors.joining(", ", "templates ", ""));
    }
}
