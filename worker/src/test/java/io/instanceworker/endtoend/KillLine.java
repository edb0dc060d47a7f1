package io.instanceworker.endtoend;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.testing.QueuedMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Cells that are run one after the other, with a virtual host and a role of their own. The worker that takes over in one cell
 * is among the victims of the next, so that each cell starts one.
 */
final class KillLine implements AutoCloseable {

    /** Another name for the same server. There a Delete puts the database into the trash. */
    private static final String TRASH = "trash";

    private static final Duration SETTLED = Duration.ofSeconds(20);

    final EndToEnd e2e;
    final Databases databases;
    final KillPoints points;

    final String template;

    /** An instance's database that jobs copy and look at. */
    final String source;

    /** Another instance's database. */
    final String foreign;

    /** A template that somebody may be connected to. */
    final String busy;

    final List<WorkerProcess> workers = new ArrayList<>();

    private final Invariants invariants;
    private final List<SentJob> jobs = new ArrayList<>();
    private final List<String> noJobs = new ArrayList<>();
    private final List<QueuedMessage> dead = new ArrayList<>();
    private final Set<String> toldBefore = new HashSet<>();
    private int fences;

    KillLine(int postgresMajor, String name, Path folder) {
        e2e = EndToEnd.open(postgresMajor, name);
        databases = e2e.databases();
        try {
            points = new KillPoints(Files.createDirectory(folder.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        template = e2e.database("tpl");
        busy = e2e.database("busy");
        foreign = e2e.database("foreign");
        source = e2e.database("source");
        String unmanaged = e2e.database("unmanaged");
        databases.createTemplate(template, 50);
        databases.createTemplate(busy, 1);
        databases.createTemplate(foreign, 20);
        databases.createTemplate(unmanaged, 10);
        OwnershipMark mark = new OwnershipMark("foreign", null, "foreign", Operation.ADD, null, null, Instant.EPOCH);
        databases.asSuperuser(
                "COMMENT ON DATABASE " + Databases.quote(foreign) + " IS " + Databases.literal(mark.toJson()));
        invariants = new Invariants(
                databases,
                e2e.login().username(),
                e2e.database(""),
                new UntouchedDatabases(databases, template, busy, foreign, unmanaged));
        startWorker();
    }

    void startWorker() {
        workers.add(e2e.start(points.in(e2e.settings()
                // So that each has queues of its own, and a job may come by way of the common one.
                .serverLike("default", TRASH)
                .with("instance-worker.servers." + TRASH + ".delete", "trash")
                .with("instance-worker.servers.default.allow-adopt", "true")
                .with("instance-worker.default-server", "default")
                .template("default", "Minimal", template)
                .template("default", "Busy", busy)
                .with("instance-worker.servers.default.default-template", "Minimal")
                .with("instance-worker.retry.max-attempts", "1")
                // With one consumer to a lane, a later job that has ended was begun after an earlier one's
                // acknowledgement.
                .with("instance-worker.servers.default.max-concurrent-jobs", "1")
                .with("instance-worker.servers.default.max-concurrent-queries", "1"))));
    }

    /** Two workers, the first of them ready. */
    void ready() {
        workers.get(0).awaitReady();
        if (jobs.isEmpty()) {
            send(JobJson.of("Add", "source", source).template("Minimal"));
            e2e.events().awaitSuccess("source");
        }
        if (workers.size() < 2) {
            startWorker();
        }
    }

    void send(JobJson job) {
        send(job, template);
    }

    /** @param templateDatabase behind the template of an Add */
    void send(JobJson job, String templateDatabase) {
        send(job, templateDatabase, ".default");
    }

    /** A Delete, for the server with a trash. */
    void sendToTrash(JobJson job) {
        send(job.server(TRASH), template, "." + TRASH);
    }

    void sendToCommonQueue(JobJson job) {
        send(job, template, "");
    }

    private void send(JobJson job, String templateDatabase, String queue) {
        jobs.add(SentJob.of(job, templateDatabase));
        e2e.publish(job.toString(), "job." + job.operation().toLowerCase(Locale.ROOT) + queue, Map.of());
    }

    void sendNoJob(String body) {
        noJobs.add(body);
        e2e.publish(body);
    }

    /** Waits until no job is anywhere. */
    void awaitQuiet() {
        workers.get(0).awaitReady();
        do {
            Await.until("lanes and wait tiers are empty", this::isEmpty);
            fence("Delete");
            fence("Status");
        } while (!isEmpty());
    }

    /**
     * What does not hold now that all is quiet. The next worker starts meanwhile.
     *
     * @param ofCell what does not hold for the cell in particular
     */
    List<String> check(Supplier<List<String>> ofCell) {
        startWorker();
        return violations(true, ofCell);
    }

    private boolean isEmpty() {
        return depths().values().stream().allMatch(messages -> messages == 0);
    }

    private Map<String, Long> depths() {
        return e2e.depths(
                EndToEnd.PROVISION + ".default", EndToEnd.QUERY + ".default", EndToEnd.PROVISION + "." + TRASH);
    }

    private void fence(String operation) {
        String jobId = "fence-" + ++fences;
        sendToCommonQueue(JobJson.of(operation, jobId, e2e.database("nothing")));
        e2e.events().awaitSuccess(jobId);
    }

    /**
     * What no earlier cell has told of. Looked at again for a while: a session that was closed just now takes a moment to go,
     * and a message on its way from one queue to another is seen in neither.
     */
    private List<String> violations(boolean workersLive, Supplier<List<String>> ofCell) {
        e2e.events().requireNoMistakes();
        List<String> violations = new ArrayList<>();
        try {
            Awaitility.await()
                    .pollInSameThread()
                    .atMost(SETTLED)
                    .pollDelay(Duration.ZERO)
                    .until(() -> {
                        dead.addAll(e2e.drain(EndToEnd.DEAD));
                        violations.clear();
                        violations.addAll(ofCell.get());
                        violations.addAll(invariants.violations(
                                new Evidence(
                                        jobs, noJobs, Evidence.read(e2e.events().all()), dead, depths()),
                                workersLive));
                        violations.removeAll(toldBefore);
                        return violations.isEmpty();
                    });
        } catch (ConditionTimeoutException e) {
            toldBefore.addAll(violations);
        }
        return violations;
    }

    /** With no worker left, what the broker counts is exact: nothing is unacknowledged. */
    List<String> end() {
        workers.forEach(WorkerProcess::terminate);
        workers.forEach(WorkerProcess::awaitEnd);
        workers.clear();
        return violations(false, List::of);
    }

    /** After a cell that broke off: nothing of it goes on. */
    void startAfresh() {
        workers.forEach(WorkerProcess::kill);
        workers.clear();
        points.disarm();
        startWorker();
    }

    String tails() {
        return String.join("\n", workers.stream().map(WorkerProcess::tail).toList());
    }

    @Override
    public void close() {
        e2e.close();
    }
}
