package io.instanceworker.messaging.deadletters;

import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.messaging.JobHeaders;
import java.io.PrintStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Shows a table with one line for each message, for people. */
final class TableReport implements Report {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final PrintStream out;
    private final List<List<String>> rows = new ArrayList<>();

    TableReport(PrintStream out) {
        this.out = out;
        rows.add(List.of("ID", "ERROR", "ATTEMPTS", "FIRST FAILURE (UTC)", "LAST FAILURE (UTC)", "JOB"));
    }

    @Override
    public void add(DeadLetter letter) {
        Integer attempt = letter.number(JobHeaders.ATTEMPT);
        rows.add(List.of(
                letter.id(),
                Excerpt.of(letter.errorCode()),
                attempt == null ? "-" : attempt.toString(),
                time(letter.failure(JobHeaders.FIRST_FAILURE)),
                time(letter.failure(JobHeaders.LAST_FAILURE)),
                orDash(letter.header(JobHeaders.JOB_ID))));
    }

    private static String time(@Nullable String text) {
        try {
            return text == null ? "-" : SECONDS.format(Instant.parse(text));
        } catch (DateTimeException e) {
            return Excerpt.of(text);
        }
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : Excerpt.of(text);
    }

    @Override
    public void close() {
        if (rows.size() == 1) {
            return;
        }
        List<Integer> widths = IntStream.range(0, rows.get(0).size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .boxed()
                .toList();
        rows.forEach(row -> out.println(IntStream.range(0, row.size())
                .mapToObj(column -> row.get(column)
                        + " ".repeat(widths.get(column) - row.get(column).length()))
                .collect(Collectors.joining("  "))
                .stripTrailing()));
    }
}
