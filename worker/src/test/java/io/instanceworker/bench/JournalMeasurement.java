package io.instanceworker.bench;

import io.instanceworker.testing.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A worker whose journal has many rows, against one whose journal is empty, each on a server of its own. */
final class JournalMeasurement implements Measurement {

    private static final String PART = "journal";
    private static final double GOAL = 0.95;
    private static final int QUERIES_SHARE = 10;

    @Override
    public void measure(Run run) throws Exception {
        int rows = run.size("journal-rows");
        if (rows == 0) {
            run.findings().note("The journal with many rows is not measured in this form; --size journal-rows=N does.");
            return;
        }
        try (PostgresServer other = run.startPostgres(run.postgres().major());
                Site full = Site.open(run.rabbit(), other, Site.prepare(other), run.program());
                Site empty = run.open()) {
            MeasuredWorker withRows = full.start(full.settings());
            MeasuredWorker without = empty.start(empty.settings());
            withRows.awaitConsuming();
            without.awaitConsuming();
            Optional<String> hindrance = JournalRows.fill(other, full.login(), rows);
            if (hindrance.isPresent()) {
                run.findings().note("The journal with " + rows + " rows was SKIPPED: " + hindrance.orElseThrow() + ".");
                return;
            }
            full.databases().settle();
            compare(run, rows, full, withRows, empty, without);
        }
    }

    private static void compare(
            Run run, int rows, Site full, MeasuredWorker withRows, Site empty, MeasuredWorker without)
            throws Exception {
        QueryMeasurement.createTarget(full);
        QueryMeasurement.createTarget(empty);
        try (Backlog many = new Backlog(full, List.of(withRows), run.limit());
                Backlog none = new Backlog(empty, List.of(without), run.limit())) {
            many.pause();
            none.pause();
            int queries = Math.max(2, run.size("status-jobs") / QUERIES_SHARE);
            rounds(
                    run,
                    "Status",
                    rows,
                    many,
                    none,
                    round -> QueryMeasurement.jobs("Status", "round-" + round, queries));
            rounds(run, "Add", rows, many, none, round -> AddMeasurement.jobs("round_" + round, run.size("adds")));
        }
    }

    private interface Jobs {
        List<BenchJob> of(int round);
    }

    private static void rounds(Run run, String operation, int rows, Backlog many, Backlog none, Jobs jobs)
            throws Exception {
        List<Spans> withRows = new ArrayList<>();
        List<Spans> without = new ArrayList<>();
        for (int round = 0; round <= run.size("query-rounds"); round++) {
            Spans first = Backlog.spans(none.run(jobs.of(round)));
            Spans second = Backlog.spans(many.run(jobs.of(round)));
            // The first round is for the compilers of the two workers.
            if (round > 0) {
                without.add(first);
                withRows.add(second);
            }
        }
        run.findings()
                .add(Row.atLeast(
                        GOAL,
                        PART,
                        operation + ", " + rows + " rows in the journal (alone: worker with none)",
                        "jobs/s",
                        Rounds.of(without, Spans::rate),
                        Rounds.of(withRows, Spans::rate),
                        Rounds.quotients(withRows, without, Spans::rate)));
    }
}
