package io.instanceworker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.messaging.client.ReceivedEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What people see of the contract's sample events. */
class EventPrinterTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private static ReceivedEvent sample(String name) throws IOException {
        try (InputStream json = Objects.requireNonNull(StrictJson.class.getResourceAsStream(
                "/io/instanceworker/contracts/samples/results/" + name + ".json"))) {
            return new ReceivedEvent(StrictJson.parseObject(new String(json.readAllBytes(), StandardCharsets.UTF_8)));
        }
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aFailedAttemptSaysWhyAndWhenTheNextOneIs() throws IOException {
        EventPrinter.progress(sample("copy-create-failed"), out);
        assertThat(printed())
                .startsWith("10:00:06  Failed CreateFailed, attempt 1 of 5, ms: 5140  SOURCE_BUSY: The source")
                .endsWith("  Next attempt at 2026-11-20T10:00:36.206Z\n");
    }

    @Test
    void progressSaysHowMuchIsDone() throws IOException {
        EventPrinter.progress(sample("copy-create-in-progress-40-percent"), out);
        assertThat(printed()).contains("InProgress CreateInProgress, percent done: 40, attempt 1 of 5");
    }

    @Test
    void aResultHasALineForEachFactThatIsKnown() throws IOException {
        EventPrinter.result(sample("info-succeeded"), false, out);
        assertThat(printed())
                .contains("operation         Info\n", "state             ONLINE\n", "engine            PostgreSQL\n")
                .doesNotContain("null", "errorCode", "logBytes");
    }

    @Test
    void aPageOfDatabasesIsATable() throws IOException {
        EventPrinter.result(sample("status-page-succeeded-empty"), false, out);
        assertThat(printed()).isEqualTo("Page 3 of 1, databases on all pages: 0\n");
        EventPrinter.result(sample("status-page-succeeded-without-sizes"), false, out);
        assertThat(printed())
                .contains("STATE    SIZE  SESSIONS\n", "edfi_made_by_hand      -         -        ONLINE   -     -\n");
    }

    @Test
    void aHostileEventCannotControlTheTerminal() {
        ReceivedEvent hostile = new ReceivedEvent(StrictJson.parseObject("""
                {"time": "soon", "data": {"jobId": "a\\u001b[2J", "outcome": "Succeeded", "instance": {"databaseName": "b\\nc"},
                 "info": {"owner": "\\u009b2J", "new": {"er": 1}}, "warnings": ["\\r"]}}
                """));
        EventPrinter.result(hostile, false, out);
        out.println(EventPrinter.line(hostile));
        EventPrinter.result(hostile, true, out);
        assertThat(printed()).contains("a\\u001b[2J", "b\\u000ac", "\\u009b2J");
        assertThat(printed().lines()).allMatch(line -> line.chars().allMatch(c -> c >= ' ' && c < 127));
    }
}
