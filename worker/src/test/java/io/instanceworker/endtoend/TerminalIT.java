package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.instanceworker.testing.VirtualHost;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** instancectl in a real terminal, which {@code script} of util-linux makes. No worker runs. */
class TerminalIT {

    private static final String CTRL_C = "\003";

    private VirtualHost host;
    private Process terminal;
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    @BeforeEach
    void open() throws Exception {
        assumeThat(Path.of("/usr/bin/script")).matches(Files::isExecutable, "script of util-linux");
        host = InstanceCtlIT.withQueue("TerminalIT");
    }

    @AfterEach
    void close() {
        if (terminal != null) {
            terminal.destroyForcibly();
        }
        if (host != null) {
            host.close();
        }
    }

    private void start(String... words) throws IOException {
        WorkerSettings settings = new WorkerSettings(host.springProperties());
        for (String word : words) {
            settings.argument(word);
        }
        terminal = settings.inTerminal().start();
        Thread reader = new Thread(this::read, "screen");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (InputStream output = terminal.getInputStream()) {
            output.transferTo(shown);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String screen() {
        return shown.toString(StandardCharsets.UTF_8);
    }

    private void type(String text) throws IOException {
        terminal.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        terminal.getOutputStream().flush();
    }

    private int awaitEnd() throws InterruptedException {
        assertThat(terminal.waitFor(60, TimeUnit.SECONDS)).as(screen()).isTrue();
        return terminal.exitValue();
    }

    private void awaitOnScreen(String text) {
        Await.until("on the screen: " + text, () -> screen().contains(text));
    }

    @Test
    void aDeleteAsksAndSendsNothingWhenTheAnswerIsNo() throws Exception {
        start("delete", "edfi", "--id", "1");
        awaitOnScreen("This deletes the database edfi");
        awaitOnScreen("Go on? [y/N] ");
        type("n\n");
        assertThat(awaitEnd()).isEqualTo(1);
        awaitOnScreen("Nothing was sent.");
        assertThat(host.ready(InstanceCtlIT.QUEUE)).isZero();
    }

    @Test
    void ctrlCEndsTheWaitAndSaysWhatWasSent() throws Exception {
        start("add", "edfi", "--job-id=interrupted");
        Await.until("the job is sent", () -> host.ready(InstanceCtlIT.QUEUE) == 1);
        type(CTRL_C);
        assertThat(awaitEnd()).as(screen()).isEqualTo(130);
        awaitOnScreen("interrupted");
        assertThat(host.ready(InstanceCtlIT.QUEUE)).isEqualTo(1);
    }
}
