package io.instanceworker.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The worker's jar as a process of its own, configured by a file as an operator would. */
final class Worker implements AutoCloseable {

    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final Duration START = Duration.ofMinutes(2);
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
        int port = freePort();
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

    /** Below the range from which systems take ports for outgoing connections, which might be quicker than the worker. */
    private static int freePort() {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException taken) {
                // The next one, then.
            }
        }
        throw new IllegalStateException("No free port");
    }

    /** Returns when it takes jobs. */
    void awaitReady() throws InterruptedException {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest readiness = HttpRequest.newBuilder(URI.create(healthUrl() + "/readiness"))
                .timeout(Duration.ofSeconds(10))
                .build();
        long limit = System.nanoTime() + START.toNanos();
        while (!isReady(http, readiness)) {
            if (!process.isAlive() || System.nanoTime() > limit) {
                throw new IllegalStateException("The worker did not start; its last words:\n" + lastWords());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static boolean isReady(HttpClient http, HttpRequest readiness) throws InterruptedException {
        try {
            return http.send(readiness, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
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
