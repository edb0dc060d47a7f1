package io.instanceworker.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server in a container of the official image. */
final class ContainerPostgres extends PostgresServer {

    private final ServerContainer container;

    private ContainerPostgres(int major, ServerContainer container, int port, Login superuser) {
        super(major, container.getHost(), port, superuser);
        this.container = container;
    }

    static ContainerPostgres startContainer(String image, int major, Map<String, String> settings) {
        Login superuser = Login.withRandomPassword("postgres");
        int port = Ports.free();
        ServerContainer container = new ServerContainer(
                image,
                Map.of(5432, port),
                Map.of(
                        "POSTGRES_PASSWORD",
                        superuser.password(),
                        "POSTGRES_INITDB_ARGS",
                        "--auth-host=scram-sha-256 --locale=C --encoding=UTF8 --no-sync"));
        List<String> command =
                new ArrayList<>(List.of("postgres", "-c", "fsync=off", "-c", "max_prepared_transactions=10"));
        settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        container.setCommand(command.toArray(String[]::new));
        try {
            container.start();
            ContainerPostgres server = new ContainerPostgres(major, container, port, superuser);
            server.awaitReady();
            AtExit.close(server);
            return server;
        } catch (RuntimeException e) {
            container.stop();
            throw e;
        }
    }

    private void awaitReady() {
        Ready.await("PostgreSQL " + major(), container::isRunning, container::lastWords, this::checkLogin);
    }

    @Override
    public String log() {
        return container.getLogs();
    }

    @Override
    public void stopFast() {
        container.end("SIGINT");
    }

    @Override
    public void stopImmediate() {
        container.end("SIGQUIT");
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
        return version() + " in a container of " + container.getDockerImageName() + ", " + host() + ":" + port();
    }
}
