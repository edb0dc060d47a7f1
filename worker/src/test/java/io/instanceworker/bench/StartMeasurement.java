package io.instanceworker.bench;

import java.util.ArrayList;
import java.util.List;

/** From the start of the process to its first consumer, and its memory before and after load. */
final class StartMeasurement implements Measurement {

    private static final String PART = "start";
    private static final int LOAD_SHARE = 4;
    private static final int ADDS = 20;

    private final List<Double> seconds = new ArrayList<>();
    private final List<Double> megabytes = new ArrayList<>();

    @Override
    public void measure(Run run) throws Exception {
        int starts = run.size("starts");
        for (int start = 1; start <= starts; start++) {
            try (Site site = run.open()) {
                MeasuredWorker worker = site.start(site.settings());
                seconds.add(worker.awaitConsuming() / 1e3);
                megabytes.add(worker.residentMegabytes());
                if (start == starts) {
                    load(run, site, worker);
                }
            }
        }
        run.findings().add(Row.shown(PART, "Start of the process to consuming", "s", null, Samples.of(seconds)));
        run.findings().add(Row.shown(PART, "Resident memory when it consumes", "MB", null, Samples.of(megabytes)));
    }

    private static void load(Run run, Site site, MeasuredWorker worker) throws Exception {
        QueryMeasurement.createTarget(site);
        int queries = run.size("status-jobs") / LOAD_SHARE;
        try (Backlog backlog = new Backlog(site, List.of(worker), run.limit())) {
            backlog.pause();
            int ended = backlog.run(QueryMeasurement.jobs("Status", "load", queries))
                            .size()
                    + backlog.run(AddMeasurement.jobs("load", ADDS)).size();
            run.findings()
                    .add(Row.shown(
                            PART,
                            "Resident memory after " + ended + " jobs",
                            "MB",
                            null,
                            Samples.of(worker.residentMegabytes())));
        }
    }
}
