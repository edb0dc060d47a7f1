package io.instanceworker.testing;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A private node of a RabbitMQ that is installed, with folders, ports, users and name service of its own. */
final class LocalRabbitMq extends RabbitMqServer {

    private final TempFolder folder = TempFolder.create("rabbitmq");
    private final String nodeName;
    private final int distributionPort = Ports.free();
    private final int metricsPort = Ports.free();

    @Nullable private Epmd epmd;

    @Nullable private ChildProcess node;

    private LocalRabbitMq(String nodeName, Login login) {
        super("127.0.0.1", Ports.free(), URI.create("http://127.0.0.1:" + Ports.free()), login);
        this.nodeName = nodeName;
        AtExit.close(this);
    }

    static LocalRabbitMq startLocal(Map<String, String> settings) {
        LocalRabbitMq server =
                configured("test-" + Login.randomWord() + "@localhost", newLogin(), Login.randomWord(), null, settings);
        try {
            server.startAgain();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    static Login newLogin() {
        return Login.withRandomPassword("instance-worker-test");
    }

    /**
     * A node that is not started yet.
     *
     * @param cookie by which nodes, and rabbitmqctl, know that they belong together
     * @param epmd of the cluster; null for a node that has its own
     */
    static LocalRabbitMq configured(
            String nodeName, Login login, String cookie, @Nullable Epmd epmd, Map<String, String> settings) {
        RabbitMqPrograms.requireThere();
        LocalRabbitMq server = new LocalRabbitMq(nodeName, login);
        server.epmd = epmd;
        server.configure(cookie, settings);
        return server;
    }

    private void configure(String cookie, Map<String, String> settings) {
        List<String> lines = new ArrayList<>(List.of(
                "listeners.tcp.local = 127.0.0.1:" + port(),
                "management.tcp.ip = 127.0.0.1",
                "management.tcp.port = " + managementUrl().getPort(),
                "prometheus.tcp.ip = 127.0.0.1",
                "prometheus.tcp.port = " + metricsPort,
                "default_user = " + username(),
                "default_pass = " + password()));
        lines.addAll(configuration(settings));
        folder.write("rabbitmq.conf", lines.toArray(String[]::new));
        folder.write("enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].");
        folder.write(".erlang.cookie", cookie);
        folder.permit(".erlang.cookie", "r--------");
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
        launch();
        awaitReady();
    }

    void launch() {
        if (epmd == null || !epmd.process().isRunning()) {
            epmd = Epmd.start(folder.resolve("epmd.log"));
        }
        node = ChildProcess.start(
                Setpriv.sameUser("KILL", RabbitMqPrograms.server()), folder.resolve("node.log"), environment(epmd));
    }

    void awaitReady() {
        ChildProcess started = running();
        Ready.await("RabbitMQ", started::isRunning, started::lastWords, this::checkReady);
    }

    @Override
    public Optional<URI> metricsUrl() {
        return Optional.of(URI.create("http://127.0.0.1:" + metricsPort));
    }

    @Override
    boolean isRunning() {
        return node != null && node.isRunning();
    }

    @Override
    public void control(String... arguments) {
        List<String> command = new ArrayList<>(RabbitMqPrograms.control("--node", nodeName));
        command.addAll(List.of(arguments));
        ChildProcess.start(command, folder.resolve("control.log"), environment(Objects.requireNonNull(epmd)))
                .awaitSuccess();
    }

    @Override
    public String log() {
        return folder.read("node.log");
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

    String nodeName() {
        return nodeName;
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
        return version() + " " + RabbitMqPrograms.description() + ", node " + nodeName + ", " + host() + ":" + port()
                + ", management at " + managementUrl();
    }
}
