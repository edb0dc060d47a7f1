package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.RabbitMqServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three brokers that are one, of which the one that leads the jobs' queue is killed under load and comes back. */
class ClusterIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18).ownCluster();

    private static final int ROUNDS = 10;
    private static final int SCHOOLS = 20;

    private final Set<String> expected = new TreeSet<>();
    private Databases databases;

    @Test
    void losesNoJobAndNoResultWhenTheLeaderIsKilled() throws Exception {
        prepare();
        List<JobJson> jobs = jobs();
        List<JobJson> early = jobs.subList(0, jobs.size() / 2);
        List<JobJson> late = jobs.subList(jobs.size() / 2, jobs.size());
        RabbitMqServer leader = e2e.cluster().leader(e2e.host(), EndToEnd.PROVISION);

        try (ConfirmedSender sender = new ConfirmedSender(e2e.host())) {
            early.forEach(sender::send);
            awaitEnds(early, 4);
            assertThat(ended(early)).as("in the middle of it").isLessThan(early.size());

            leader.kill();

            late.forEach(sender::send);
            awaitEnds(late, late.size() / 2);
            assertThat(e2e.cluster().leader(e2e.host(), EndToEnd.PROVISION)).isNotSameAs(leader);
            leader.startAgain();
        }

        for (JobJson job : jobs) {
            e2e.events().awaitSuccess(job.jobId());
        }
        awaitEmptyQueues();
        for (JobJson job : jobs) {
            assertThat(e2e.events().of(job.jobId()).stream()
                            .filter(Event::isFinal)
                            .map(Event::id)
                            .distinct())
                    .as(job.jobId())
                    .hasSize(1);
        }
        checkDatabases();
    }

    private void prepare() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), SCHOOLS);
        for (int i = 0; i < 2; i++) {
            e2e.start(e2e.settings().template("default", "Minimal", e2e.database("tpl")))
                    .awaitReady();
        }
        for (int i = 0; i < ROUNDS; i++) {
            e2e.send(add("doomed_" + i));
        }
        e2e.send(add("source"));
        e2e.events().awaitSuccess("add-source");
        for (int i = 0; i < ROUNDS; i++) {
            e2e.events().awaitSuccess("add-doomed_" + i);
        }
    }

    private JobJson add(String name) {
        expected.add(e2e.database(name));
        return JobJson.of("Add", "add-" + name, e2e.database(name)).template("Minimal");
    }

    /** In any order they lead to the same, so that a job that is run twice cannot undo another. */
    private List<JobJson> jobs() {
        String source = e2e.database("source");
        List<JobJson> jobs = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            jobs.add(add("new_" + i));
            expected.add(e2e.database("copy_" + i));
            jobs.add(JobJson.of("Copy", "copy-" + i, e2e.database("copy_" + i)).source(source));
            expected.remove(e2e.database("doomed_" + i));
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

    private static void awaitEmptyQueues() {
        for (String queue : List.of(
                EndToEnd.PROVISION,
                EndToEnd.QUERY,
                EndToEnd.DEAD,
                "instance.jobs.wait.200ms",
                "instance.jobs.wait.1s")) {
            Await.until(
                    queue + " is empty",
                    () -> e2e.host().server().management().depth(e2e.host().name(), queue) == 0);
        }
    }

    private void checkDatabases() {
        assertThat(databases.staging()).isEmpty();
        assertThat(databases.rows(
                        "postgres",
                        "SELECT datname FROM pg_database WHERE datname <> " + Databases.literal(e2e.database("tpl"))
                                + " AND datname LIKE " + Databases.literal(e2e.database("%"))))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(expected)
                .allSatisfy(name -> assertThat(databases.schools(name)).hasSize(SCHOOLS));
        assertThat(databases.mark(e2e.database("copy_0")).jobId()).isEqualTo("copy-0");
    }
}
