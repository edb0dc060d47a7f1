package io.instanceworker.testing;

import java.net.URI;
import java.util.Map;

/** A broker in a container of the official image with management. */
final class ContainerRabbitMq extends RabbitMqServer {

    private final ServerContainer container;

    private ContainerRabbitMq(ServerContainer container, int port, int managementPort, Login login) {
        super(container.getHost(), port, URI.create("http://" + container.getHost() + ":" + managementPort), login);
        this.container = container;
    }

    static ContainerRabbitMq startContainer(String image) {
        Login login = Login.withRandomPassword("instance-worker-test");
        int port = Ports.free();
        int managementPort = Ports.free();
        ServerContainer container = new ServerContainer(
                image,
                Map.of(5672, port, 15672, managementPort),
                Map.of("RABBITMQ_DEFAULT_USER", login.username(), "RABBITMQ_DEFAULT_PASS", login.password()));
        try {
            container.start();
            ContainerRabbitMq server = new ContainerRabbitMq(container, port, managementPort, login);
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
