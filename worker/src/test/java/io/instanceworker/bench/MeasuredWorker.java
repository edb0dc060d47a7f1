package io.instanceworker.bench;

import io.instanceworker.testing.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.json.JsonMapper;

/** The packaged worker as a process of its own. */
final class MeasuredWorker implements AutoCloseable {

    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final Duration START = Duration.ofMinutes(2);
    private static final int LAST_LINES = 20;
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String name;
    private final int port;
    private final Process process;
    private final Path log;
    private final long startedAt;
    private final Thread atExit = new Thread(this::kill, "end-worker");

    private MeasuredWorker(String name, int port, Process process, Path log, long startedAt) {
        this.name = name;
        this.port = port;
        this.process = process;
        this.log = log;
        this.startedAt = startedAt;
    }

    static MeasuredWorker start(Site.WorkerProgram program, BenchSettings settings) {
        String name = "bench-" + COUNT.incrementAndGet();
        int port = Ports.free();
        Path log = program.logs().resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command(program))
                .directory(program.logs().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        environment.clear();
        environment.putAll(Map.of("PATH", path, "LC_ALL", "C.UTF-8"));
        // Not on the command line, where every user of the machine could read the passwords.
        environment.put("SPRING_APPLICATION_JSON", JsonMapper.shared().writeValueAsString(settings.of(name, port)));
        try {
            long startedAt = System.nanoTime();
            Process process = builder.start();
            process.getOutputStream().close();
            MeasuredWorker worker = new MeasuredWorker(name, port, process, log, startedAt);
            Runtime.getRuntime().addShutdownHook(worker.atExit);
            return worker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(Site.WorkerProgram program) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETPRIV)) {
            // It ends with this program even where that is killed and no shutdown hook runs.
            command.addAll(List.of(SETPRIV.toString(), "--pdeathsig=KILL"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(program.javaOptions());
        command.addAll(List.of("-jar", program.jar().toString()));
        return command;
    }

    String name() {
        return name;
    }

    /** @return milliseconds from the start of the process */
    double awaitConsuming() throws InterruptedException {
        Await.until("worker " + name + " is ready", START, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("The worker did not start; the end of its log:\n" + lastLines());
            }
            return isReady();
        });
        return (System.nanoTime() - startedAt) / 1e6;
    }

    private boolean isReady() throws InterruptedException {
        try {
            return send(request("/actuator/health/readiness")).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Returns when it takes no more jobs and has ended those it had. */
    void pause() throws IOException, InterruptedException {
        post("/actuator/consumption/pause");
        Await.until("worker " + name + " has paused", START, () -> state().equals("paused"));
    }

    void resume() throws IOException, InterruptedException {
        post("/actuator/consumption/resume");
    }

    private String state() throws IOException, InterruptedException {
        String body = send(request("/actuator/consumption")).body();
        return JsonMapper.shared().readTree(body).path("state").asString("");
    }

    private void post(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(request(path).POST(BodyPublishers.noBody()));
        if (response.statusCode() != 200) {
            throw new IllegalStateException(path + " of " + name + ": " + response.statusCode());
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    double residentMegabytes() throws IOException {
        return Machine.residentMegabytes(process.pid());
    }

    String lastLines() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        kill();
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("The worker " + process.pid() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
