package io.instanceworker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody closes the shared servers; they end with the JVM, however it ends. */
class JvmEndIT {

    private static final String STARTED = "started";

    @TempDir
    Path folder;

    @BeforeEach
    void letTheServersUserIn() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void noServerIsLeftRunningAfterTheJvmIsKilled() throws Exception {
        Process jvm = startServersInAnotherJvm();
        List<ProcessHandle> servers = jvm.descendants().toList();
        assertThat(servers).hasSizeGreaterThan(4);

        jvm.destroyForcibly();

        await().atMost(Duration.ofMinutes(1)).until(() -> servers.stream().allMatch(ChildProcess::hasGone));
    }

    private Process startServersInAnotherJvm() throws Exception {
        Process jvm = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Djava.io.tmpdir=" + folder,
                        "-cp",
                        System.getProperty("java.class.path"),
                        StartServers.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = jvm.inputReader();
        for (String line = output.readLine(); !STARTED.equals(line); line = output.readLine()) {
            assertThat(line).isNotNull();
        }
        return jvm;
    }

    /** The other JVM. It ends when its standard input does. */
    static final class StartServers {

        private StartServers() {}

        public static void main(String[] arguments) throws Exception {
            LocalRabbitMq.startLocal(Map.of());
            LocalPostgres.startLocal(15, Map.of());
            System.out.println(STARTED);
            while (System.in.read() >= 0) {}
        }
    }
}
