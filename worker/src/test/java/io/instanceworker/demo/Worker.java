package io.instanceworker.demo;

import io.instanceworker.testing.Ports;
import io.instanceworker.testing.Ready;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The worker's jar as a process of its own, configured by a file as an operator would. */
final class Worker implements AutoCloseable {

    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final Duration END = Duration.ofSeconds(20);
    private static final int LAST_LINES = 30;

    private final Process process;
    private final Path log;
    private final int port;
    private final Thread atExit = new Thread(this::kill, "end-worker");

    private Worker(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts it on the calling thread, which must live as long: the kernel ends the worker with the thread. */
    static Worker start(Path jar, Path folder, Map<String, String> settings) {
        int port = Ports.free();
        try {
            Path file = writeSettings(folder.resolve("worker.properties"), settings, port);
            Path log = folder.resolve("worker.log");
            ProcessBuilder builder = new ProcessBuilder(command(jar, file, folder))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            // The settings come from the file alone, whatever this shell has set.
            String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
            builder.environment().clear();
            builder.environment().putAll(Map.of("PATH", path, "LC_ALL", "C.UTF-8"));
            Process process = builder.start();
            process.getOutputStream().close();
            Worker worker = new Worker(process, log, port);
            Runtime.getRuntime().addShutdownHook(worker.atExit);
            return worker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(Path jar, Path settings, Path folder) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETPRIV)) {
            // So that it does not outlive a demo that was killed.
            command.addAll(List.of(SETPRIV.toString(), "--pdeathsig=KILL"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A short life: quick to start is better than quick in the long run.
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-jar",
                jar.toString(),
                "--spring.config.additional-location=file:" + settings));
        return command;
    }

    private static Path writeSettings(Path file, Map<String, String> settings, int port) throws IOException {
        List<String> lines = new ArrayList<>();
        settings.forEach((name, value) -> lines.add(name + "=" + value));
        lines.add("server.address=127.0.0.1");
        lines.add("management.server.port=" + port);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.write(file, lines, StandardCharsets.UTF_8);
    }

    /** Returns when it takes jobs. */
    void awaitReady() {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest readiness = HttpRequest.newBuilder(URI.create(healthUrl() + "/readiness"))
                .timeout(Duration.ofSeconds(10))
                .build();
        Ready.await("The worker", process::isAlive, this::lastWords, () -> {
            int status = http.send(readiness, BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                throw new IllegalStateException("readiness answers " + status);
            }
        });
    }

    String healthUrl() {
        return "http://127.0.0.1:" + port + "/actuator/health";
    }

    Path log() {
        return log;
    }

    String lastWords() {
        try {
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    private void kill() {
        process.destroyForcibly();
    }

    /** Ends it as an operator would. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                kill();
                process.waitFor();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
