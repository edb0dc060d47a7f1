package io.instanceworker.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Copies of a large database, against the same statement without the worker, in each of the server's ways. */
final class CopyMeasurement implements Measurement {

    private static final String PART = "copy";
    private static final double GOAL = 1.03;
    private static final double GOAL_OF_STRATEGY = 1.1;
    private static final int STRATEGIES_SINCE = 15;
    private static final String DEFAULT = "";
    private static final Duration ONE_JOB = Duration.ofMinutes(30);

    @Override
    public void measure(Run run) throws Exception {
        try (Site site = run.open()) {
            site.databases().createBig(run.size("copy-mb"));
            MeasuredWorker worker = site.start(site.settings());
            worker.awaitConsuming();
            Map<String, List<Double>> bare = new LinkedHashMap<>();
            strategies(site.server().major()).forEach(strategy -> bare.put(strategy, new ArrayList<>()));
            List<Double> copies = new ArrayList<>();
            try (JobSender sender = new JobSender(site.host());
                    StatusQueue status = new StatusQueue(site.host())) {
                status.listen();
                for (int round = 0; round <= run.size("copy-rounds"); round++) {
                    round(site, round, sender, status, bare, copies);
                }
            }
            report(run.findings(), site, bare, copies);
        } finally {
            new BenchDatabases(run.postgres(), run.login()).dropBig();
        }
    }

    private static List<String> strategies(int major) {
        return major >= STRATEGIES_SINCE
                ? List.of(DEFAULT, "STRATEGY wal_log", "STRATEGY file_copy")
                : List.of(DEFAULT);
    }

    /** The first round fills the caches and does not count. */
    private static void round(
            Site site,
            int round,
            JobSender sender,
            StatusQueue status,
            Map<String, List<Double>> bare,
            List<Double> copies)
            throws Exception {
        BareCreate create = new BareCreate(site.server(), site.login());
        for (Map.Entry<String, List<Double>> strategy : bare.entrySet()) {
            double millis = create.one(BenchDatabases.MADE + "bare", Site.BIG, strategy.getKey())
                    .millis();
            site.databases().dropMade();
            if (round > 0) {
                strategy.getValue().add(millis);
            }
        }
        BenchJob job = BenchJob.copy("copy-" + round, BenchDatabases.MADE + "copy_" + round, Site.BIG);
        long published = sender.send(job);
        StatusEvent end = status.awaitEnd(job.jobId(), ONE_JOB);
        end.span();
        site.databases().dropMade();
        if (round > 0) {
            copies.add((end.arrivedAt() - published) / 1e6);
        }
    }

    private static void report(Findings findings, Site site, Map<String, List<Double>> bare, List<Double> copies)
            throws SQLException {
        String what = String.format(
                Locale.ROOT,
                "Copy of %.0f MB, PostgreSQL %d",
                site.databases().megabytes(Site.BIG),
                site.server().major());
        Samples worker = Samples.of(copies);
        List<Samples> strategies = new ArrayList<>();
        bare.forEach((strategy, millis) -> {
            Samples alone = Samples.of(millis);
            if (strategy.equals(DEFAULT)) {
                findings.add(Row.atMost(
                        GOAL,
                        PART,
                        what + ", default strategy",
                        "ms",
                        alone,
                        worker,
                        Rounds.quotients(copies, millis, Double::doubleValue)));
            } else {
                strategies.add(alone);
                findings.add(new Row(PART, what + ", " + strategy, "ms", alone, null, null, null));
            }
        });
        strategies.stream().min(Comparator.comparingDouble(Samples::median)).ifPresent(best -> {
            findings.add(Row.atMost(
                    GOAL_OF_STRATEGY,
                    PART,
                    what + ", the better strategy",
                    "ms",
                    best,
                    worker,
                    Samples.of(worker.median() / best.median())));
        });
    }
}
