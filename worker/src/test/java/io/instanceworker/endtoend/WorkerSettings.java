package io.instanceworker.endtoend;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.Ports;
import io.instanceworker.testing.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** The settings of one worker, by the names that the README has. */
final class WorkerSettings {

    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

    /** Quick to start rather than quick to run. */
    private static final List<String> JAVA = List.of(
            ExtractedWorker.JAVA,
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));

    static final int MAX_CONCURRENT_JOBS = 8;

    private final Map<String, String> properties = new TreeMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> jvmOptions = new ArrayList<>();
    private final List<Path> classPath = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private boolean asEnvironment;
    private Supplier<List<String>> program = () -> ExtractedWorker.made().program(classPath);

    WorkerSettings(Map<String, String> springProperties) {
        properties.putAll(springProperties);
        // The tests are in a hurry.
        with("instance-worker.retry.tiers", "200ms,1s");
        with("instance-worker.retry.max-attempts", "3");
    }

    WorkerSettings with(String property, String value) {
        properties.put(property, value);
        return this;
    }

    /** As arguments, which a command of instancectl takes too. */
    List<String> arguments() {
        return properties.entrySet().stream()
                .map(property -> "--" + property.getKey() + "=" + property.getValue())
                .toList();
    }

    WorkerSettings without(String property) {
        properties.remove(property);
        return this;
    }

    WorkerSettings server(String name, PostgresServer server, Login login) {
        return server(name, server.jdbcUrl("postgres"), login);
    }

    WorkerSettings server(String name, String url, Login login) {
        String prefix = "instance-worker.servers." + name + ".";
        return with(prefix + "platform", "postgresql")
                .with(prefix + "url", url)
                .with(prefix + "username", login.username())
                .with(prefix + "password", login.password())
                .with(prefix + "max-concurrent-jobs", String.valueOf(MAX_CONCURRENT_JOBS))
                // Of this role alone, as its databases are.
                .with(prefix + "journal-database", "journal_of_" + login.username())
                .with(prefix + "properties.connect-timeout-seconds", "5");
    }

    /** A SQL Server, or the fake that stands in for one. */
    WorkerSettings sqlServer(String name, String url, Login login) {
        return server(name, url, login).with("instance-worker.servers." + name + ".platform", "sqlserver");
    }

    /** Short for a server that cannot be reached anyway. */
    WorkerSettings connectTimeoutSeconds(String server, int seconds) {
        return with(
                "instance-worker.servers." + server + ".properties.connect-timeout-seconds", String.valueOf(seconds));
    }

    /** Another name for the same database server, which may then be set otherwise. */
    WorkerSettings serverLike(String server, String otherName) {
        for (String property :
                List.of("platform", "url", "username", "password", "journal-database", "max-concurrent-jobs")) {
            with(
                    "instance-worker.servers." + otherName + "." + property,
                    properties.get("instance-worker.servers." + server + "." + property));
        }
        return this;
    }

    WorkerSettings template(String server, String name, String database) {
        return with("instance-worker.servers." + server + ".templates." + name, database);
    }

    WorkerSettings environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    WorkerSettings jvmOption(String option) {
        jvmOptions.add(option);
        return this;
    }

    /** Adds a jar to the class path of the worker. */
    WorkerSettings onClassPath(Path jar) {
        classPath.add(jar);
        return this;
    }

    /** Starts the packaged jar as an operator does, instead of its extracted form, which starts faster. */
    WorkerSettings fromPackagedJar() {
        return program(() -> List.of("-jar", WorkerProcess.jar().toString()));
    }

    /** @param words the arguments of java that say which class runs, and from where */
    WorkerSettings program(Supplier<List<String>> words) {
        program = words;
        return this;
    }

    WorkerSettings argument(String argument) {
        arguments.add(argument);
        return this;
    }

    /** One environment variable for each property, as Compose files and Kubernetes have it, instead of one JSON for all. */
    WorkerSettings asEnvironmentVariables() {
        asEnvironment = true;
        return this;
    }

    WorkerProcess start(String name, Collection<String> secrets) {
        int port = Ports.free();
        Map<String, String> all = new TreeMap<>(properties);
        all.put("management.server.port", String.valueOf(port));
        all.put("instance-worker.name", name);

        ProcessBuilder command = new ProcessBuilder(command());
        Map<String, String> seen = command.environment();
        String path = seen.getOrDefault("PATH", "/usr/bin:/bin");
        seen.clear();
        seen.put("PATH", path);
        if (asEnvironment) {
            all.forEach((property, value) -> seen.put(variable(property), value));
        } else {
            // Not on the command line, where every user of the machine could read the passwords.
            seen.put("SPRING_APPLICATION_JSON", JsonMapper.shared().writeValueAsString(all));
        }
        seen.putAll(environment);
        return new WorkerProcess(name, port, command, secrets);
    }

    /** The program as {@link #start} starts it, but in a terminal, with this as its standard input. */
    ProcessBuilder inTerminal() {
        String command = command().stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        // A process that was started in the background by a script ignores Ctrl-C, and so do its children.
        ProcessBuilder terminal = new ProcessBuilder(
                "env", "--default-signal=INT", "script", "-q", "-e", "-f", "-c", command, "/dev/null");
        terminal.environment()
                .put("SPRING_APPLICATION_JSON", JsonMapper.shared().writeValueAsString(properties));
        terminal.environment().put("SHELL", "/bin/sh");
        return terminal.redirectErrorStream(true);
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETPRIV)) {
            // It ends with this JVM even where no shutdown hook runs.
            command.addAll(List.of(SETPRIV.toString(), "--pdeathsig=KILL"));
        }
        command.addAll(JAVA);
        command.addAll(jvmOptions);
        command.addAll(program.get());
        command.addAll(arguments);
        return command;
    }

    private static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replace("-", "").replace('.', '_');
    }
}
