package io.instanceworker.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Backlogs of Status and of Info, against what the broker alone does with as many messages at the same width. */
final class QueryMeasurement implements Measurement {

    private static final String PART = "query";
    private static final String TARGET = BenchDatabases.MADE + "target";
    private static final double GOAL = 0.5;
    private static final double STEADY = 0.9;
    private static final int WARM_UP_SHARE = 10;
    private static final Duration ONE_JOB = Duration.ofMinutes(1);

    @Override
    public void measure(Run run) throws Exception {
        try (Site site = run.open()) {
            MeasuredWorker worker = site.start(site.settings());
            worker.awaitConsuming();
            createTarget(site);
            measure(run, site, worker, "Status", run.size("status-jobs"));
            measure(run, site, worker, "Info", run.size("info-jobs"));
        }
    }

    private static void measure(Run run, Site site, MeasuredWorker worker, String operation, int count)
            throws Exception {
        String event = sample(site, operation);
        // All consumers have registered, and are counted.
        worker.awaitConsuming();
        try (Backlog backlog = new Backlog(site, List.of(worker), run.limit())) {
            int width = backlog.width(Backlog.QUERY);
            backlog.pause();
            String job = jobs(operation, "sample", 1).get(0).body();
            rounds(run, operation, count, backlog, new BrokerAlone(site.host(), width, job, event), width);
            backlog.resume();
        }
    }

    /** Makes the database that is asked about. */
    static void createTarget(Site site) throws Exception {
        try (JobSender sender = new JobSender(site.host());
                StatusQueue status = new StatusQueue(site.host())) {
            status.listen();
            sender.send(BenchJob.add("target", TARGET));
            status.awaitEnd("target", ONE_JOB).span();
        }
    }

    /** An event as it is published for each of these jobs. */
    static String sample(Site site, String operation) throws Exception {
        try (JobSender sender = new JobSender(site.host());
                StatusQueue status = new StatusQueue(site.host())) {
            status.listen();
            sender.send(BenchJob.query(operation, "sample-of-event", TARGET));
            return status.awaitEnd("sample-of-event", ONE_JOB).body();
        }
    }

    static List<BenchJob> jobs(String operation, String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> BenchJob.query(operation, prefix + "-" + i, TARGET))
                .toList();
    }

    private static void rounds(Run run, String operation, int count, Backlog backlog, BrokerAlone broker, int width)
            throws Exception {
        int warmUp = Math.max(2, count / WARM_UP_SHARE);
        broker.run(warmUp);
        boolean cutOff = run.isCutOff(
                operation + ", first round, not counted",
                warmUp,
                backlog.run(jobs(operation, "warm-up", warmUp)).size());
        List<Spans> alone = new ArrayList<>();
        List<Spans> worker = new ArrayList<>();
        for (int round = 1; round <= run.size("query-rounds") && (!cutOff || worker.isEmpty()); round++) {
            alone.add(broker.run(count));
            List<StatusEvent> ends = backlog.run(jobs(operation, "round-" + round, count));
            cutOff = run.isCutOff(operation + ", round " + round, count, ends.size());
            worker.add(Backlog.spans(ends));
        }
        report(run, operation + ", backlog of " + count + ", width " + width, operation, alone, worker);
    }

    private static void report(Run run, String what, String operation, List<Spans> alone, List<Spans> worker)
            throws IOException {
        Findings findings = run.findings();
        findings.add(Row.atLeast(
                GOAL,
                PART,
                what,
                "jobs/s",
                Rounds.of(alone, Spans::rate),
                Rounds.of(worker, Spans::rate),
                Rounds.quotients(worker, alone, Spans::rate)));
        Samples steady = Rounds.of(worker, Spans::lastOverSecond);
        findings.add(Row.atLeast(
                STEADY,
                PART,
                operation + ", last twentieth over the second",
                "×",
                Rounds.of(alone, Spans::lastOverSecond),
                steady,
                steady));
        findings.add(
                new Series(operation, "the broker alone", Rounds.last(alone).rates()));
        findings.add(new Series(operation, "the worker", Rounds.last(worker).rates()));
    }
}
