package io.instanceworker.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Backlogs of Adds of a small template, against bare JDBC with as many connections. */
final class AddMeasurement implements Measurement {

    private static final String PART = "adds";
    private static final double GOAL = 0.9;
    private static final List<Integer> WIDTHS = List.of(1, 2, 4, 8);
    private static final List<Integer> WIDTHS_OF_SHORT_FORM = List.of(1, 4);
    private static final int WORKERS = 3;

    private final List<Series.Point> alone = new ArrayList<>();
    private final List<Series.Point> oneWorker = new ArrayList<>();
    private final List<Series.Point> threeWorkers = new ArrayList<>();

    @Override
    public void measure(Run run) throws Exception {
        boolean isShort = run.options().isShort;
        for (int width : isShort ? WIDTHS_OF_SHORT_FORM : WIDTHS) {
            measure(run, 1, width, oneWorker);
        }
        for (int width : isShort ? List.of(1) : WIDTHS) {
            measure(run, WORKERS, width, threeWorkers);
        }
        alone.sort(Comparator.comparingDouble(Series.Point::x));
        run.findings().add(new Series(PART, "CREATE DATABASE alone", List.copyOf(alone)));
        run.findings().add(new Series(PART, "one worker", List.copyOf(oneWorker)));
        run.findings().add(new Series(PART, "three workers", List.copyOf(threeWorkers)));
    }

    private void measure(Run run, int workers, int widthOfEach, List<Series.Point> points) throws Exception {
        int width = workers * widthOfEach;
        String what = "Adds, " + (workers == 1 ? "1 worker" : workers + " workers") + " of width " + widthOfEach;
        try (Site site = run.open()) {
            List<MeasuredWorker> started = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                started.add(site.start(site.settings().width(widthOfEach)));
            }
            for (MeasuredWorker worker : started) {
                worker.awaitConsuming();
            }
            try (Backlog backlog = new Backlog(site, started, run.limit())) {
                backlog.pause();
                rounds(run, what, width, workers * run.size("adds-before"), backlog, points);
            }
        }
    }

    private void rounds(Run run, String what, int width, int before, Backlog backlog, List<Series.Point> points)
            throws Exception {
        BareCreate bare = new BareCreate(backlog.site().server(), backlog.site().login());
        int count = Math.max(run.size("adds"), 4 * width);
        bare(bare, "bare_before", 2 * width, width);
        backlog.site().databases().dropMade();
        boolean cutOff = run.isCutOff(
                what + ", first round, not counted",
                before,
                backlog.run(jobs("before", before)).size());
        backlog.site().databases().dropMade();
        List<Spans> alone = new ArrayList<>();
        List<Spans> worker = new ArrayList<>();
        for (int round = 1; round <= run.size("add-rounds") && (!cutOff || worker.isEmpty()); round++) {
            alone.add(bare(bare, "bare_" + round, count, width));
            backlog.site().databases().dropMade();
            List<StatusEvent> ends = backlog.run(jobs("round_" + round, count));
            cutOff = run.isCutOff(what + ", round " + round, count, ends.size());
            worker.add(Backlog.spans(ends));
            backlog.site().databases().dropMade();
        }
        report(run, what, width, alone, worker);
        points.add(new Series.Point(width, Rounds.of(worker, Spans::rate).median()));
        this.alone.add(new Series.Point(width, Rounds.of(alone, Spans::rate).median()));
    }

    private static Spans bare(BareCreate bare, String round, int count, int width) throws Exception {
        return bare.many(names(round, count), Site.SMALL, width);
    }

    private static List<String> names(String round, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> BenchDatabases.MADE + round + "_" + i)
                .toList();
    }

    static List<BenchJob> jobs(String round, int count) {
        return names(round, count).stream()
                .map(name -> BenchJob.add("add-" + name, name))
                .toList();
    }

    private static void report(Run run, String what, int width, List<Spans> alone, List<Spans> worker) {
        run.findings()
                .add(Row.atLeast(
                        GOAL,
                        PART,
                        what,
                        "jobs/s",
                        Rounds.of(alone, Spans::rate),
                        Rounds.of(worker, Spans::rate),
                        Rounds.quotients(worker, alone, Spans::rate)));
        run.findings()
                .add(Row.shown(
                        PART,
                        what + ": one job",
                        "ms",
                        Rounds.of(alone, Spans::medianMillis),
                        Rounds.of(worker, Spans::medianMillis)));
        run.findings()
                .add(Row.shown(
                        PART,
                        what + ": longest gap between ends while jobs wait",
                        "ms",
                        Rounds.of(alone, spans -> spans.longestGapMillis(width)),
                        Rounds.of(worker, spans -> spans.longestGapMillis(width))));
        run.findings()
                .add(Row.atMost(
                        1,
                        PART,
                        what + ": longest idle time while jobs wait (compared: to one job)",
                        "ms",
                        Rounds.of(alone, Spans::longestIdleMillis),
                        Rounds.of(worker, Spans::longestIdleMillis),
                        Rounds.of(worker, spans -> spans.longestIdleMillis() / spans.medianMillis())));
    }
}
