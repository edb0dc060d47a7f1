package io.instanceworker.testing;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A private node of the machine's own RabbitMQ, with folders, ports, users and name service of its own. */
final class LocalRabbitMq extends RabbitMqServer {

    private static final Path PROGRAM = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");

    private final TempFolder folder;
    private final String nodeName;
    private final int distributionPort = Ports.free();

    @Nullable private Epmd epmd;

    @Nullable private ChildProcess node;

    private LocalRabbitMq(TempFolder folder, Login login) {
        super("127.0.0.1", Ports.free(), URI.create("http://127.0.0.1:" + Ports.free()), login);
        this.folder = folder;
        this.nodeName = "test-" + Login.randomWord() + "@localhost";
    }

    static LocalRabbitMq startLocal() {
        if (!Files.isExecutable(PROGRAM)) {
            throw new IllegalStateException("RabbitMQ is not installed; deploy/local/lib/ensure-rabbitmq does that");
        }
        LocalRabbitMq server =
                new LocalRabbitMq(TempFolder.create("rabbitmq"), Login.withRandomPassword("instance-worker-test"));
        AtExit.close(server);
        try {
            server.configure();
            server.startAgain();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void configure() {
        folder.write(
                "rabbitmq.conf",
                "listeners.tcp.local = 127.0.0.1:" + port(),
                "management.tcp.ip = 127.0.0.1",
                "management.tcp.port = " + managementUrl().getPort(),
                "default_user = " + username(),
                "default_pass = " + password());
        folder.write("enabled_plugins", "[rabbitmq_management].");
    }

    private Map<String, String> environment(Epmd epmd) {
        Map<String, String> environment = new HashMap<>(epmd.environment());
        environment.put("HOME", folder.path().toString());
        environment.put("RABBITMQ_NODENAME", nodeName);
        environment.put("RABBITMQ_DIST_PORT", String.valueOf(distributionPort));
        environment.put("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        environment.put("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString());
        environment.put("RABBITMQ_LOG_BASE", folder.resolve("log").toString());
        environment.put("RABBITMQ_LOGS", "-");
        environment.put("RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString());
        environment.put(
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                folder.resolve("enabled_plugins").toString());
        // These need not exist; unset, the files of the machine's own broker would be read, and its folder written.
        environment.put(
                "RABBITMQ_CONF_ENV_FILE",
                folder.resolve("none/rabbitmq-env.conf").toString());
        environment.put("RABBITMQ_CONFIG_FILES", folder.resolve("none/*.conf").toString());
        environment.put(
                "RABBITMQ_GENERATED_CONFIG_DIR", folder.resolve("generated").toString());
        // Its script then becomes Erlang, so that signals reach the node itself.
        environment.put("RUNNING_UNDER_SYSTEMD", "true");
        return environment;
    }

    @Override
    public void startAgain() {
        if (epmd == null || !epmd.process().isRunning()) {
            epmd = Epmd.start(folder.resolve("epmd.log"));
        }
        ChildProcess started = ChildProcess.start(
                Setpriv.sameUser("KILL", List.of(PROGRAM.toString())), folder.resolve("node.log"), environment(epmd));
        node = started;
        Ready.await("RabbitMQ", started::isRunning, started::lastWords, this::checkReady);
    }

    @Override
    public void stop() {
        running().end("TERM");
    }

    @Override
    public void kill() {
        running().kill();
    }

    ChildProcess running() {
        ChildProcess running = node;
        if (running == null || !running.isRunning()) {
            throw new IllegalStateException("It is not running");
        }
        return running;
    }

    List<ProcessHandle> processes() {
        return Stream.of(node, epmd == null ? null : epmd.process())
                .filter(Objects::nonNull)
                .flatMap(process -> process.family().stream())
                .toList();
    }

    TempFolder folder() {
        return folder;
    }

    /** Without a farewell: its data are deleted anyway. */
    @Override
    public void close() {
        AtExit.forget(this);
        if (node != null) {
            node.kill();
        }
        if (epmd != null) {
            epmd.process().kill();
        }
        folder.close();
    }

    @Override
    public String toString() {
        return version() + " installed on this machine, node " + nodeName + ", " + host() + ":" + port()
                + ", management at " + managementUrl();
    }
}
