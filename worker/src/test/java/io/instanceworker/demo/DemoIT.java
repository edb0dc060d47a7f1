package io.instanceworker.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as its script runs it, once the script has built it. */
class DemoIT {

    private static final int INTERRUPTED = 130;

    @TempDir
    Path folder;

    private Path temporary;

    @BeforeEach
    void letTheServersUserIn() throws Exception {
        temporary = Files.createDirectory(folder.resolve("tmp"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void theDemoGetsOnlyRightAnswersAndLeavesNothingBehind() throws Exception {
        Process demo = start("--keep");
        BufferedReader output = demo.inputReader();
        List<String> lines = readTo("log ", output);
        List<ProcessHandle> servers = demo.descendants().toList();

        demo.getOutputStream().close();

        output.lines().forEach(lines::add);
        assertThat(demo.waitFor()).as(String.join("\n", lines)).isZero();
        assertThat(lines)
                .anyMatch(line -> line.startsWith("All 9 answers were right"))
                .noneMatch(line -> line.contains("✗"))
                .allMatch(line -> line.length() <= Terminal.COLUMNS || line.contains("://") || line.contains("log "));
        assertGone(servers);
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void theDemoCanBeInterrupted() throws Exception {
        Process demo = start();
        readTo("TIME", demo.inputReader());
        List<ProcessHandle> servers = demo.descendants().toList();

        demo.getOutputStream().close();

        assertThat(demo.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(demo.exitValue()).isEqualTo(INTERRUPTED);
        assertGone(servers);
    }

    private Process start(String... arguments) throws IOException, URISyntaxException {
        Path target = Path.of(DemoIT.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .getParent();
        Stream<String> command = Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Demo.class.getName(),
                "--postgres",
                "18",
                "--folder",
                folder.toString(),
                "--jar",
                target.resolve("instance-worker.jar").toString());
        return new ProcessBuilder(Stream.concat(command, Stream.of(arguments)).toList())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<String> readTo(String text, BufferedReader output) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
            if (line.contains(text)) {
                return lines;
            }
        }
        throw new AssertionError("No \"" + text + "\" in:\n" + String.join("\n", lines));
    }

    private static void assertGone(List<ProcessHandle> servers) {
        assertThat(servers).hasSizeGreaterThan(4);
        // A zombie has no command any more; in a container whose first process never reaps, it stays.
        Awaitility.await("the end of all servers")
                .atMost(Duration.ofMinutes(1))
                .until(() -> servers.stream()
                        .allMatch(server ->
                                !server.isAlive() || server.info().command().isEmpty()));
    }
}
