package io.instanceworker.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A worker in a process of its own. */
final class WorkerProcess implements AutoCloseable {

    private static final int TAIL = 60;
    private static final Duration END = Duration.ofSeconds(60);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String name;
    private final int port;
    private final Process process;
    private final Path log;
    private final Path errors;
    private final Collection<String> secrets;
    private final Thread atExit = new Thread(this::kill, "end-worker");

    /** @param command sees nothing of this JVM's environment but its PATH */
    WorkerProcess(String name, int port, ProcessBuilder command, Collection<String> secrets) {
        this.name = name;
        this.port = port;
        this.secrets = secrets;
        this.log = folder().resolve(name + ".log");
        this.errors = folder().resolve(name + ".err");
        try {
            Files.createDirectories(folder());
            process = command.redirectOutput(log.toFile())
                    .redirectError(errors.toFile())
                    .start();
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static Path jar() {
        Path jar = target().resolve("instance-worker.jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException("There is no " + jar + "; `mvn package` makes it");
        }
        return jar;
    }

    /** Found by way of the test classes, so that it does not matter from which folder an IDE runs them. */
    private static Path target() {
        try {
            return Path.of(WorkerProcess.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path folder() {
        return target().resolve("end-to-end");
    }

    String name() {
        return name;
    }

    /** Its management address. */
    String url() {
        return "http://127.0.0.1:" + port;
    }

    boolean isRunning() {
        return process.isAlive();
    }

    WorkerProcess awaitReady() {
        awaitStatus("readiness", 200);
        return this;
    }

    /** @param probe liveness or readiness */
    void awaitStatus(String probe, int status) {
        try {
            Await.factory(probe + " " + status + " of " + name)
                    .failFast("it has ended", () -> !isRunning())
                    .ignoreExceptions()
                    .until(() -> get("/actuator/health/" + probe).statusCode() == status);
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            throw new AssertionError(e.getMessage() + "\n" + tail(), e);
        }
    }

    /** What it says it has in hand. */
    JsonNode jobsInHand() throws IOException {
        return JsonMapper.shared().readTree(get("/actuator/jobs").body());
    }

    HttpResponse<String> get(String path) throws IOException {
        return send(request("127.0.0.1", path));
    }

    HttpResponse<String> post(String path) throws IOException {
        return send(request("127.0.0.1", path).POST(BodyPublishers.noBody()));
    }

    HttpRequest.Builder request(String host, String path) {
        return HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
                .timeout(Duration.ofSeconds(10));
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** As an orchestrator ends it; returns at once. */
    void terminate() {
        process.destroy();
    }

    /** As the end of its machine does. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    int awaitEnd() {
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(name + " still runs:\n" + tail());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What it wrote to its console. */
    String log() {
        return read(log);
    }

    /** What it wrote to its standard error. */
    String errors() {
        return read(errors);
    }

    void awaitLog(String text) {
        Await.until("in the log: " + text, () -> log().contains(text));
    }

    String tail() {
        List<String> lines = Stream.concat(log().lines(), read(errors).lines()).toList();
        return "--- last lines of " + name + ", all of them in " + log + "\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(atExit);
        Secrets.requireNone(secrets, "the log of " + name, log() + read(errors));
    }
}
