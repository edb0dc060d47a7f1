package io.instanceworker.messaging.deadletters;

import io.instanceworker.cli.console.Table;
import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.messaging.JobHeaders;
import java.io.PrintStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows a table with one line for each message, for people. */
final class TableReport implements Report {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final PrintStream out;
    private final Table table = new Table(
            "ID", "ERROR", "ATTEMPTS", "FIRST FAILURE (UTC)", "LAST FAILURE (UTC)", "OPERATION", "DATABASE", "JOB");

    TableReport(PrintStream out) {
        this.out = out;
    }

    @Override
    public void add(DeadLetter letter) {
        Integer attempt = letter.number(JobHeaders.ATTEMPT);
        table.add(
                letter.id(),
                Excerpt.of(letter.errorCode()),
                attempt == null ? "-" : attempt.toString(),
                time(letter.failure(JobHeaders.FIRST_FAILURE)),
                time(letter.failure(JobHeaders.LAST_FAILURE)),
                letter.operation(),
                orNull(letter.databaseName()),
                orNull(letter.jobId()));
    }

    private static String time(@Nullable String text) {
        try {
            return text == null ? "-" : SECONDS.format(Instant.parse(text));
        } catch (DateTimeException e) {
            return Excerpt.of(text);
        }
    }

    private static @Nullable String orNull(@Nullable String text) {
        return text == null ? null : Excerpt.of(text);
    }

    @Override
    public void close() {
        table.print(out);
    }
}
