package io.instanceworker.testing;

import com.rabbitmq.client.ConnectionFactory;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real RabbitMQ with its management plugin. Most tests want {@link Servers#rabbit} and a virtual host of their own;
 * one that stops its broker starts its own with {@link #startOwn}.
 */
public abstract sealed class RabbitMqServer implements AutoCloseable
        permits GivenRabbitMq, ContainerRabbitMq, LocalRabbitMq {

    static final String IMAGE =
            System.getenv().getOrDefault("INSTANCE_WORKER_TEST_RABBITMQ_IMAGE", "rabbitmq:4-management");

    private final String host;
    private final int port;
    private final URI managementUrl;
    private final Login login;

    RabbitMqServer(String host, int port, URI managementUrl, Login login) {
        this.host = host;
        this.port = port;
        this.managementUrl = managementUrl;
        this.login = login;
    }

    /** The broker given by environment, else one of our own. */
    public static RabbitMqServer start() {
        return GivenRabbitMq.fromEnvironment()
                .<RabbitMqServer>map(given -> Choice.print("RabbitMQ", given))
                .orElseGet(RabbitMqServer::startOwn);
    }

    /** A broker that may be stopped. */
    public static RabbitMqServer startOwn() {
        return startOwn(Map.of());
    }

    /** The same with further settings, by their names in rabbitmq.conf. */
    public static RabbitMqServer startOwn(Map<String, String> settings) {
        if (RabbitMqPrograms.areElsewhere()) {
            return Choice.print("RabbitMQ", LocalRabbitMq.startLocal(settings));
        }
        return Choice.start(
                "RabbitMQ",
                IMAGE,
                image -> ContainerRabbitMq.startContainer(image, settings),
                () -> LocalRabbitMq.startLocal(settings));
    }

    /** Not in a container, because the settings name files of this machine. */
    public static RabbitMqServer startOnThisMachine(Map<String, String> settings) {
        return Choice.print("RabbitMQ", LocalRabbitMq.startLocal(settings));
    }

    static List<String> configuration(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(setting -> setting.getKey() + " = " + setting.getValue())
                .sorted()
                .toList();
    }

    public final String host() {
        return host;
    }

    public final int port() {
        return port;
    }

    public final URI managementUrl() {
        return managementUrl;
    }

    /** Where the broker's Prometheus plugin answers; empty for a broker that was given to us. */
    public Optional<URI> metricsUrl() {
        return Optional.empty();
    }

    public final String username() {
        return login.username();
    }

    public final String password() {
        return login.password();
    }

    public final ManagementApi management() {
        return management(login);
    }

    /** As this user finds it. */
    public final ManagementApi management(Login user) {
        return new ManagementApi(managementUrl, user);
    }

    /** As the server says it, such as 3.10.8. */
    public final String version() {
        return management().version();
    }

    /** A virtual host that nobody else uses, until it is closed. The name begins as given and goes on at random. */
    public final VirtualHost createVirtualHost(String prefix) {
        VirtualHost host = new VirtualHost(List.of(this), prefix + "-" + Login.randomWord());
        management().createVirtualHost(host.name());
        return host;
    }

    /** Only on a broker of one's own: closing it deletes it. */
    public final VirtualHost defaultVirtualHost() {
        return new VirtualHost(List.of(this), "/");
    }

    final ConnectionFactory connectionFactory(String virtualHost) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(host);
        factory.setPort(port);
        factory.setUsername(login.username());
        factory.setPassword(login.password());
        factory.setVirtualHost(virtualHost);
        return factory;
    }

    /** The management API answers, and a client gets through the whole handshake. */
    final void checkReady() throws Exception {
        // In this order: of a port where no broker listens yet the client logs a warning each time.
        management().version();
        ConnectionFactory factory = connectionFactory("/");
        factory.setAutomaticRecoveryEnabled(false);
        factory.newConnection().close();
    }

    /** Whether the methods below work: not on a broker that was given to us. */
    public boolean canBeStopped() {
        return true;
    }

    abstract boolean isRunning();

    /** Runs rabbitmqctl against this node, and fails unless it succeeds. */
    public abstract void control(String... arguments);

    /** What the node has logged. */
    public abstract String log();

    /** Ends the node as an operator does; returns when it has ended, which takes RabbitMQ 3.10 six seconds. */
    public abstract void stop();

    /** Ends every process of the node with SIGKILL. */
    public abstract void kill();

    /** Starts the stopped node with the same ports and data; returns when it takes connections. */
    public abstract void startAgain();

    public final void restart() {
        stop();
        startAgain();
    }

    @Override
    public abstract void close();
}
