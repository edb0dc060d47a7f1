package io.instanceworker.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One Add after the other on an idle worker, from the publishing of the job to the arrival of its result. */
final class SingleAddMeasurement implements Measurement {

    private static final String PART = "one-add";
    private static final double EXTRA_MILLIS = 15;
    private static final Duration ONE_JOB = Duration.ofMinutes(1);

    private final List<Double> bare = new ArrayList<>();
    private final List<Double> publishes = new ArrayList<>();
    private final List<Double> adds = new ArrayList<>();

    @Override
    public void measure(Run run) throws Exception {
        try (Site site = run.open()) {
            site.start(site.settings()).awaitConsuming();
            BrokerAlone.declare(site.host());
            QueryMeasurement.createTarget(site);
            String event = QueryMeasurement.sample(site, "Status");
            try (JobSender sender = new JobSender(site.host());
                    StatusQueue status = new StatusQueue(site.host())) {
                status.listen();
                for (int i = -run.size("adds-before"); i < run.size("single-adds"); i++) {
                    round(site, i, sender, status, event);
                }
            }
        }
        report(run.findings());
    }

    private void round(Site site, int round, JobSender sender, StatusQueue status, String event) throws Exception {
        double create = bareCreate(site, round);
        long before = System.nanoTime();
        sender.sendCopies(BrokerAlone.EVENTS, "status.add.succeeded", event, 1);
        sender.sendCopies(BrokerAlone.EVENTS, "status.add.succeeded", event, 1);
        double twoPublishes = (System.nanoTime() - before) / 1e6;
        String name = name("add", round);
        BenchJob job = BenchJob.add("one-" + name, name);
        long published = sender.send(job);
        StatusEvent end = status.awaitEnd(job.jobId(), ONE_JOB);
        end.span();
        site.databases().dropMade();
        if (round >= 0) {
            bare.add(create);
            publishes.add(twoPublishes);
            adds.add((end.arrivedAt() - published) / 1e6);
        }
    }

    /** By a connection that is open already, as the worker's is. */
    private static double bareCreate(Site site, int round) throws SQLException {
        String name = name("bare", round);
        double millis = new BareCreate(site.server(), site.login())
                .one(name, Site.SMALL, "")
                .millis();
        site.databases().dropMade();
        return millis;
    }

    /** The rounds below 0 are not counted. */
    private static String name(String kind, int round) {
        return BenchDatabases.MADE + kind + (round < 0 ? "_before_" : "_") + Math.abs(round);
    }

    private void report(Findings findings) {
        Samples create = Samples.of(bare);
        Samples two = Samples.of(publishes);
        Samples add = Samples.of(adds);
        findings.add(new Row(PART, "Two confirmed publishes", "ms", two, null, null, null));
        double extra = add.median() - create.median() - two.median();
        findings.add(Row.atMost(
                EXTRA_MILLIS,
                PART,
                "One Add, publish to result (compared: beyond CREATE and publishes)",
                "ms",
                create,
                add,
                Samples.of(extra)));
    }
}
