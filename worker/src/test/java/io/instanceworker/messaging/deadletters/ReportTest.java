package io.instanceworker.messaging.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What people see, whatever a message holds. */
class ReportTest {

    private static final DeadLetter DEAD = Letters.of(
            "{\"a\": \"\u001b[2J\u202e\"}\r\nDiscarded everything\n",
            Map.of(
                    "iw-job-id", "job\u001b[31m",
                    "iw-error-code", "DEADLOCK",
                    "iw-error-message", "two\nlines",
                    "iw-attempt", 5,
                    "iw-max-attempts", 5,
                    "iw-first-failure", "2026-11-20T09:00:00.123456Z",
                    "iw-last-failure", "yesterday\u0007",
                    "iw-routing-key", "job.add"));

    private static final String DELETE = "{\"operation\": \"Delete\", \"instance\": {\"databaseName\": \"ods\"}}";

    private static String told(Function<PrintStream, Report> kind, DeadLetter... letters) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Report report = kind.apply(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        for (DeadLetter letter : letters) {
            report.add(letter);
        }
        report.close();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTableIsAlignedAndAMessageHasOneLine() {
        DeadLetter other = Letters.of(DELETE, Map.of("iw-error-code", "X", "iw-job-id", "a-job"));
        assertThat(told(TableReport::new, DEAD, other)).isEqualTo("""
                ID            ERROR     ATTEMPTS  FIRST FAILURE (UTC)  LAST FAILURE (UTC)  OPERATION  DATABASE  JOB
                %s  DEADLOCK  5         2026-11-20 09:00:00  yesterday\uFFFD          -          -         job\uFFFD[31m
                %s  X         -         -                    -                   Delete     ods       a-job
                """.formatted(DEAD.id(), other.id()));
        assertThat(told(TableReport::new)).isEmpty();
    }

    @Test
    void equalMessagesAreCountedTogether() {
        DeadLetter delete = Letters.of(DELETE, Map.of("iw-error-code", "X"));
        assertThat(told(out -> new CountReport(out, false), DEAD, delete, delete))
                .isEqualTo("""
                COUNT  ERROR     OPERATION  SERVER
                2      X         Delete     -
                1      DEADLOCK  -          -
                3 messages
                """);
        assertThat(told(out -> new CountReport(out, true), delete))
                .isEqualTo("[{\"errorCode\":\"X\",\"operation\":\"Delete\",\"server\":null,\"count\":1}]\n");
        assertThat(told(out -> new CountReport(out, false))).isEqualTo("0 messages\n");
    }

    @Test
    void aBodyIsEscapedSoThatItCannotControlTheTerminalOrLookLikeOtherOutput() {
        assertThat(told(FullReport::new, DEAD))
                .contains(
                        "jobId          job\\u001b[31m\n",
                        "errorMessage   two\\u000alines\n",
                        "attempt        5\n",
                        "lastFailure    yesterday\\u0007\n",
                        "\n    {\"a\": \"\\u001b[2J\\u202e\"}\n    Discarded everything\n");
    }

    @Test
    void jsonIsAsciiAndHasTheBodyOnlyWhereItWasAskedFor() {
        String withBody = told(out -> new JsonReport(out, true), DEAD, DEAD);
        assertThat(withBody.replace("\n", "")).isPrintable().isASCII();
        assertThat(told(out -> new JsonReport(out, false), DEAD)).doesNotContain("body", "everything");
        assertThat(told(out -> new JsonReport(out, true))).isEqualTo("[]\n");
    }
}
