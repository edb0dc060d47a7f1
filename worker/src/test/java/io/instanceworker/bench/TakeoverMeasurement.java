package io.instanceworker.bench;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** From the {@code kill -9} of a worker in the middle of a large Copy to {@code InProgress} by another worker. */
final class TakeoverMeasurement implements Measurement {

    private static final String PART = "takeover";
    private static final double GOAL_SECONDS = 2;
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private static final String CREATES = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%%'"
            + " AND state = 'active' AND usename = '%s'"
            + " AND clock_timestamp() - query_start > interval '%d milliseconds'";

    @Override
    public void measure(Run run) throws Exception {
        for (int version : run.options().versions) {
            if (version == run.postgres().major()) {
                measure(run, run.postgres(), run.login());
            } else {
                try (PostgresServer server = run.startPostgres(version)) {
                    measure(run, server, Site.prepare(server));
                }
            }
        }
    }

    private static void measure(Run run, PostgresServer server, Login login) throws Exception {
        List<Double> seconds = new ArrayList<>();
        try (Site site = Site.open(run.rabbit(), server, login, run.program())) {
            site.databases().createBig(run.size("takeover-mb"));
            long middle = bareMillis(site) / 3;
            List<MeasuredWorker> workers = new ArrayList<>();
            workers.add(site.start(site.settings()));
            workers.add(site.start(site.settings()));
            try (JobSender sender = new JobSender(site.host())) {
                for (int kill = 1; kill <= run.size("takeovers"); kill++) {
                    for (MeasuredWorker worker : workers) {
                        worker.awaitConsuming();
                    }
                    try (StatusQueue status = new StatusQueue(site.host())) {
                        status.listen();
                        seconds.add(takeover(site, workers, sender, status, kill, middle));
                    }
                }
            }
        } finally {
            new BenchDatabases(server, login).dropBig();
        }
        Samples samples = Samples.of(seconds);
        run.findings()
                .add(Row.atMost(
                        GOAL_SECONDS,
                        PART,
                        "kill -9 in a Copy of " + run.size("takeover-mb") + " MB to InProgress, PostgreSQL "
                                + server.major() + " (compared: the longest)",
                        "s",
                        null,
                        samples,
                        Samples.of(samples.max())));
    }

    private static long bareMillis(Site site) throws Exception {
        double millis = new BareCreate(site.server(), site.login())
                .one(BenchDatabases.MADE + "bare", Site.BIG, "")
                .millis();
        site.databases().dropMade();
        return (long) millis;
    }

    /** Leaves two workers of which one is still starting. */
    private static double takeover(
            Site site, List<MeasuredWorker> workers, JobSender sender, StatusQueue status, int kill, long middle)
            throws Exception {
        BenchJob job = BenchJob.copy("takeover-" + kill, BenchDatabases.MADE + "takeover_" + kill, Site.BIG);
        sender.send(job);
        StatusEvent first = status.await("a worker starts", LIMIT, event -> isProgress(event, job));
        MeasuredWorker victim = workers.stream()
                .filter(worker -> worker.name().equals(first.worker()))
                .findFirst()
                .orElseThrow();
        String creates = CREATES.formatted(site.login().username(), middle);
        Await.until(
                "CREATE DATABASE is in its middle",
                LIMIT,
                () -> !site.databases().query(creates).get(0).equals("0"));

        long killed = System.nanoTime();
        victim.kill();

        StatusEvent second = status.await(
                "another worker starts",
                LIMIT,
                event -> isProgress(event, job) && !event.worker().equals(first.worker()));
        workers.remove(victim);
        workers.add(site.start(site.settings()));
        status.awaitEnd(job.jobId(), LIMIT).span();
        site.databases().dropMade();
        return (second.arrivedAt() - killed) / 1e9;
    }

    private static boolean isProgress(StatusEvent event, BenchJob job) {
        return event.outcome().equals("InProgress") && event.jobId().equals(job.jobId());
    }
}
