package io.instanceworker.cli.diagnosis;

import io.instanceworker.cli.console.UsageException;
import io.instanceworker.messaging.client.Broker;
import io.instanceworker.provision.Servers;
import io.instanceworker.provision.ServersFactory;
import io.instanceworker.settings.PasswordFiles;
import io.instanceworker.settings.SettingsReader;
import io.instanceworker.settings.WorkerProperties;
import java.util.ArrayList;
import java.util.List;

/** The worker's settings, read as the worker reads them: arguments, environment, files. Starts no part of the worker. */
final class WorkerSettings implements AutoCloseable {

    private final Broker broker;
    private final List<String> mistakes = new ArrayList<>();
    private final WorkerProperties properties;
    private final ServersFactory servers;

    /** @param arguments settings, such as {@code --instance-worker.servers.default.url=jdbc:…} */
    WorkerSettings(List<String> arguments) {
        broker = Broker.with(arguments);
        properties = SettingsReader.read(broker.environment(), mistakes);
        servers = new ServersFactory(properties, ServersFactory.installedEngines(), mistakes);
        servers.findMistakes();
    }

    /** RabbitMQ, which is not connected yet. */
    Broker broker() {
        return broker;
    }

    /** Every mistake, each with the name of its property. */
    List<String> mistakes() {
        return mistakes;
    }

    WorkerProperties properties() {
        return properties;
    }

    /**
     * Connects to no server yet.
     *
     * @throws UsageException if there are mistakes
     */
    Servers servers() {
        if (!mistakes.isEmpty()) {
            throw new UsageException("The settings have mistakes: " + String.join("; ", mistakes));
        }
        return servers.create(new PasswordFiles(broker.environment())::password);
    }

    @Override
    public void close() {
        broker.close();
    }
}
