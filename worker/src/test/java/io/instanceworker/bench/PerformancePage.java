package io.instanceworker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code docs/performance.md} and its charts, from the report of one run. */
final class PerformancePage {

    private static final String START = """
            # Performance

            `deploy/local/bench` measures the worker against what the servers do without it, in one run, and says for each goal
            whether it is met. This page and its charts are written by that command: `deploy/local/bench --docs`, or
            `deploy/local/bench --from FILE` for the JSON of an earlier run. Do not edit this page by hand.

            Absolute numbers depend on the machine. The quotients depend on it much less, since both sides of each are from the same
            run: a round of the servers alone, then a round of the worker, and so on. Each value is the median of the rounds, with the
            smallest and the largest in brackets.

            """;

    private static final String METHOD = """

            ## What is measured

            All jobs of a backlog are published while the worker is paused. The time is counted from the start of the first job to the
            end of the last, as the worker's events say. A worker has its default settings, except for its width (how many jobs it
            runs at once) where a line says so. The PostgreSQL server keeps its data safe (`fsync=on`); its settings are in the table of
            the run. One round before those that count is for the worker's compiler and the server's caches. In the
            column "compared" is the number that the goal is about: where nothing else is said, the worker's value over that of the
            servers alone, each pair from one round.

            | part | the worker | the servers alone | goal |
            |---|---|---|---|
            | query | a backlog of Status, and one of Info | a plain client takes each message of a quorum queue, publishes a message as large as the real event to an exchange with a bound quorum queue, waits for the confirm and acknowledges; as many channels as the worker has consumers, prefetch 1 | at least 0.5 of that speed; the last twentieth of the backlog (of 20,000 the last thousand) at least 0.9 times as fast as the second |
            | adds | a backlog of Adds of a template of 8 MB, on one worker and on three | `CREATE DATABASE … TEMPLATE` by as many connections as the workers run jobs | at least 0.9 of that speed; never without a job at work for longer than one job takes, while jobs wait |
            | one-add | one Add after the other, from before the job is published until its result has arrived | one `CREATE DATABASE … TEMPLATE`, and two confirmed publishes | at most 15 ms more than both together |
            | copy | a Copy of a large database, from before the job is published until its result has arrived | `CREATE DATABASE … TEMPLATE` of the same database, with the server's default strategy, and with each strategy from PostgreSQL 15 on | at most 1.03 of the default, and 1.1 of the better strategy |
            | takeover | `kill -9` of the worker that runs a Copy, in the middle of its `CREATE DATABASE`, until the event `InProgress` of another worker has arrived | – | under 2 s, the longest too |
            | start | from the start of the process until readiness says that it consumes; `VmRSS` then and after load | – | none |
            | journal | Status and Adds with a million rows in the table `job_run`, against a worker with an empty one | – | at least 0.95 of that speed |
            """;

    private static final Map<String, String> CHARTS = new LinkedHashMap<>();

    static {
        CHARTS.put("Status", "Status: speed over the number of jobs done");
        CHARTS.put("Info", "Info: speed over the number of jobs done");
        CHARTS.put("adds", "Adds of a small template: speed over the number that runs at once");
    }

    private PerformancePage() {}

    static void write(Report report, Path root) throws IOException {
        Path docs = root.resolve("docs");
        Files.createDirectories(docs.resolve("images"));
        for (String chart : charts(report)) {
            Files.writeString(docs.resolve(image(chart)), chart(report, chart).svg());
        }
        Files.writeString(docs.resolve("performance.md"), markdown(report));
    }

    private static List<String> charts(Report report) {
        return CHARTS.keySet().stream()
                .filter(chart ->
                        report.series().stream().anyMatch(line -> line.chart().equals(chart)))
                .toList();
    }

    private static String image(String chart) {
        return "images/performance-" + chart.toLowerCase(Locale.ROOT) + ".svg";
    }

    private static Chart chart(Report report, String chart) {
        return new Chart(
                String.valueOf(CHARTS.get(chart)),
                chart.equals("adds") ? "jobs or connections at once" : "jobs done",
                "jobs/s",
                report.series().stream()
                        .filter(line -> line.chart().equals(chart))
                        .toList());
    }

    static String markdown(Report report) {
        StringBuilder page = new StringBuilder(START);
        page.append("## The last run\n\n");
        page.append(report.goals() - report.unmetGoals())
                .append(" of ")
                .append(report.goals())
                .append(" goals met.\n\n| | |\n|---|---|\n");
        report.header()
                .forEach((name, value) -> page.append("| ")
                        .append(name)
                        .append(" | ")
                        .append(value)
                        .append(" |\n"));
        page.append('\n').append(Table.forMarkdown(report.rows()));
        if (!report.notes().isEmpty()) {
            page.append('\n')
                    .append(report.notes().stream().map(note -> "- " + note).collect(Collectors.joining("\n")))
                    .append('\n');
        }
        for (String chart : charts(report)) {
            page.append("\n![")
                    .append(CHARTS.get(chart))
                    .append("](")
                    .append(image(chart))
                    .append(")\n");
        }
        return page.append(METHOD).toString();
    }
}
