package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.QueuedMessage;
import io.instanceworker.testing.RabbitMqServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three brokers that are one, of which the one that leads the jobs' queue is killed under load and comes back. */
class ClusterIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18).ownCluster();

    private static final int ROUNDS = 10;
    private static final int SCHOOLS = 20;

    /** What the management plugin counts lags by five seconds. */
    private static final Duration QUIET = Duration.ofSeconds(8);

    private static final Duration SETTLED = Duration.ofSeconds(20);

    private final List<SentJob> sent = new ArrayList<>();
    private final List<WorkerProcess> workers = new ArrayList<>();
    private Databases databases;
    private UntouchedDatabases bystanders;

    @Test
    void noJobAndNoResultIsLostIfTheLeaderOfAQueueIsKilled() throws Exception {
        prepare();
        List<JobJson> jobs = jobs();
        List<JobJson> early = jobs.subList(0, jobs.size() / 2);
        List<JobJson> late = jobs.subList(jobs.size() / 2, jobs.size());
        RabbitMqServer leader = e2e.cluster().leader(e2e.host(), EndToEnd.PROVISION);

        try (ConfirmedSender sender = new ConfirmedSender(e2e.host())) {
            early.forEach(job -> sent(job, sender.send("job.sent", job.toString())));
            awaitEnds(early, 4);
            assertThat(ended(early)).as("in the middle of it").isLessThan(early.size());

            leader.kill();

            late.forEach(job -> sent(job, sender.send("job.sent", job.toString())));
            awaitEnds(late, late.size() / 2);
            assertThat(e2e.cluster().leader(e2e.host(), EndToEnd.PROVISION)).isNotSameAs(leader);
            leader.startAgain();
        }

        for (JobJson job : jobs) {
            e2e.events().awaitSuccess(job.jobId());
        }
        Await.factory("nothing in the lanes and wait tiers, and in no worker's hands")
                .during(QUIET)
                .until(() -> e2e.depths().keySet().stream().allMatch(queue -> depth(queue) == 0));
        workers.forEach(WorkerProcess::terminate);
        workers.forEach(WorkerProcess::awaitEnd);
        checkInvariants();
    }

    /** Also of what is not acknowledged: the queue's new leader may give it out once more. */
    private static long depth(String queue) {
        return e2e.host().server().management().depth(e2e.host().name(), queue);
    }

    private void sent(JobJson job, int times) {
        sent.add(SentJob.of(job, e2e.database("tpl")).published(times));
    }

    private void prepare() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), SCHOOLS);
        bystanders = new UntouchedDatabases(databases, e2e.database("tpl"));
        for (int i = 0; i < 2; i++) {
            workers.add(e2e.start(e2e.settings().template("default", "Minimal", e2e.database("tpl")))
                    .awaitReady());
        }
        for (int i = 0; i < ROUNDS; i++) {
            send(add("doomed_" + i));
        }
        send(add("source"));
        e2e.events().awaitSuccess("add-source");
        for (int i = 0; i < ROUNDS; i++) {
            e2e.events().awaitSuccess("add-doomed_" + i);
        }
    }

    private void send(JobJson job) {
        e2e.send(job);
        sent(job, 1);
    }

    private static JobJson add(String name) {
        return JobJson.of("Add", "add-" + name, e2e.database(name)).template("Minimal");
    }

    /** In any order they lead to the same, so that a job that is run twice cannot undo another. */
    private static List<JobJson> jobs() {
        String source = e2e.database("source");
        List<JobJson> jobs = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            jobs.add(add("new_" + i));
            jobs.add(JobJson.of("Copy", "copy-" + i, e2e.database("copy_" + i)).source(source));
            jobs.add(JobJson.of("Delete", "delete-" + i, e2e.database("doomed_" + i)));
            jobs.add(JobJson.of("Status", "status-" + i, source));
        }
        return jobs;
    }

    private static void awaitEnds(List<JobJson> jobs, int count) {
        Await.until(count + " of " + jobs.size() + " jobs have ended", () -> ended(jobs) >= count);
    }

    private static long ended(List<JobJson> jobs) {
        return jobs.stream()
                .filter(job -> e2e.events().of(job.jobId()).stream().anyMatch(Event::isFinal))
                .count();
    }

    /** Sessions that were closed just now take a moment to go. */
    private void checkInvariants() {
        Invariants invariants = new Invariants(databases, e2e.login().username(), e2e.database(""), bystanders);
        List<QueuedMessage> dead = e2e.drain(EndToEnd.DEAD);
        Map<String, Long> depths = e2e.depths();
        Awaitility.await()
                .pollInSameThread()
                .atMost(SETTLED)
                .untilAsserted(() -> assertThat(invariants.violations(
                                new Evidence(
                                        sent,
                                        List.of(),
                                        Evidence.read(e2e.events().all()),
                                        dead,
                                        depths),
                                false))
                        .isEmpty());
    }
}
