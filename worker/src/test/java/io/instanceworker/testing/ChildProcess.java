package io.instanceworker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A server that we started in the foreground, with everything that it started in turn. */
public final class ChildProcess {

    /** The kernel sends the death signal when the starting thread ends, not the process; this thread never does. */
    private static final Executor STARTER = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "start-test-servers");
        thread.setDaemon(true);
        return thread;
    });

    private static final Duration END = Duration.ofMinutes(1);

    private final Process process;
    private final Path log;

    private ChildProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a program that sees nothing of this JVM's environment but its PATH. */
    public static ChildProcess start(List<String> command, Path log, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                // A server started by a user who is elsewhere must not hold that folder.
                .directory(log.getParent().toFile());
        String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        return CompletableFuture.supplyAsync(() -> start(builder, log), STARTER).join();
    }

    private static ChildProcess start(ProcessBuilder builder, Path log) {
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return new ChildProcess(process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Fails unless the program ends by itself, and well. */
    public void awaitSuccess() {
        awaitEnd();
        if (process.exitValue() != 0) {
            throw new IllegalStateException("It ended with " + process.exitValue() + ":\n" + lastWords());
        }
    }

    /** Sends a signal by its name without SIG, and waits for the end that it asks for. */
    void end(String signal) {
        // Java itself knows only TERM and KILL. The shell's own kill is there even where procps is not.
        ProcessBuilder kill = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid());
        try {
            kill.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("Still running after " + END + ":\n" + lastWords());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends it and all its descendants without a chance to tidy up, as the end of a machine would. */
    void kill() {
        List<ProcessHandle> family = family();
        // Itself first: Erlang would complain at length about the loss of its helpers.
        process.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
        Awaitility.await("the end of " + process)
                .atMost(END)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> family.stream().allMatch(ChildProcess::hasGone));
    }

    /** A zombie has no command any more; in a container whose first process never reaps, it stays. */
    static boolean hasGone(ProcessHandle handle) {
        return !handle.isAlive() || handle.info().command().isEmpty();
    }

    /** The process and what it started, to see later whether all have gone. */
    List<ProcessHandle> family() {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        return family;
    }

    String lastWords() {
        try {
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }
}
