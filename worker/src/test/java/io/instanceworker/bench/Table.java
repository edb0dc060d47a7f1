package io.instanceworker.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a report as text, for a terminal or for a Markdown page. */
final class Table {

    static final List<String> TITLES =
            List.of("MEASURED", "UNIT", "SERVERS ALONE", "WORKER", "COMPARED", "GOAL", "RESULT");

    private Table() {}

    static List<String> cells(Row row) {
        Goal goal = row.goal();
        return List.of(
                row.what(),
                row.unit(),
                text(row.alone()),
                text(row.worker()),
                text(row.compared()),
                goal == null ? "–" : goal.text(),
                goal == null ? "–" : goal.isMet() ? "met" : "NOT MET");
    }

    private static String text(@Nullable Samples samples) {
        return samples == null ? "–" : samples.text();
    }

    static String forTerminal(List<Row> rows) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(TITLES);
        rows.forEach(row -> lines.add(cells(row)));
        int[] widths = new int[TITLES.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder padded = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                padded.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length() + 2));
            }
            text.append(padded.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    static String forMarkdown(List<Row> rows) {
        StringBuilder text = new StringBuilder();
        text.append("| measured | unit | servers alone | worker | compared | goal | result |\n");
        text.append("|")
                .append(String.join("|", Collections.nCopies(TITLES.size(), "---")))
                .append("|\n");
        rows.forEach(
                row -> text.append("| ").append(String.join(" | ", cells(row))).append(" |\n"));
        return text.toString();
    }
}
