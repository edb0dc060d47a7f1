package io.instanceworker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.images.builder.Transferable;

/** A broker in a container of the official image with management. */
final class ContainerRabbitMq extends RabbitMqServer {

    private final ServerContainer container;
    private final int metricsPort;

    private ContainerRabbitMq(ServerContainer container, int port, int managementPort, int metricsPort, Login login) {
        super(container.getHost(), port, URI.create("http://" + container.getHost() + ":" + managementPort), login);
        this.container = container;
        this.metricsPort = metricsPort;
    }

    static ContainerRabbitMq startContainer(String image, Map<String, String> settings) {
        Login login = Login.withRandomPassword("instance-worker-test");
        int port = Ports.free();
        int managementPort = Ports.free();
        int metricsPort = Ports.free();
        ServerContainer container = new ServerContainer(
                image,
                Map.of(5672, port, 15672, managementPort, 15692, metricsPort),
                Map.of("RABBITMQ_DEFAULT_USER", login.username(), "RABBITMQ_DEFAULT_PASS", login.password()));
        // Read after the image's own, which sort before it.
        container.withCopyToContainer(
                Transferable.of(String.join("\n", configuration(settings)) + "\n"),
                "/etc/rabbitmq/conf.d/90-test.conf");
        try {
            container.start();
            ContainerRabbitMq server = new ContainerRabbitMq(container, port, managementPort, metricsPort, login);
            server.awaitReady();
            AtExit.close(server);
            return server;
        } catch (RuntimeException e) {
            container.stop();
            throw e;
        }
    }

    private void awaitReady() {
        Ready.await("RabbitMQ", container::isRunning, container::lastWords, this::checkReady);
    }

    @Override
    public Optional<URI> metricsUrl() {
        return Optional.of(URI.create("http://" + host() + ":" + metricsPort));
    }

    @Override
    boolean isRunning() {
        return container.isRunning();
    }

    @Override
    public void control(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "rabbitmqctl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            ExecResult result = container.execInContainer(command);
            if (result.getExitCode() != 0) {
                throw new IllegalStateException("rabbitmqctl: " + result);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String log() {
        return container.getLogs();
    }

    @Override
    public void stop() {
        container.end("SIGTERM");
    }

    @Override
    public void kill() {
        container.end("SIGKILL");
    }

    @Override
    public void startAgain() {
        container.startAgain();
        awaitReady();
    }

    @Override
    public void close() {
        AtExit.forget(this);
        container.stop();
    }

    @Override
    public String toString() {
        return version() + " in a container of " + container.getDockerImageName() + ", " + host() + ":" + port()
                + ", management at " + managementUrl();
    }
}
