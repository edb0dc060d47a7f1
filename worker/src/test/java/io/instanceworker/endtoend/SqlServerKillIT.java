package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Faults;
import io.instanceworker.testing.Login;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers are killed with SIGKILL at every step of a job on a fake SQL Server, and another worker takes over. By default each
 * step that is particular to SQL Server, once; with {@code -Dsqlserver-kill.all=true} each step of each operation.
 */
class SqlServerKillIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final String IN_BACKUP = "in BACKUP";
    private static final String IN_RESTORE = "in RESTORE";
    private static final String IN_RENAME = "in the rename";
    private static final String IN_DROP = "in DROP";

    /** While the server carries out a statement: which statement, and how it is held. */
    private static final Map<String, Function<Faults, Faults.Hold>> HELD = Map.of(
            IN_BACKUP, faults -> faults.holdMidway("BACKUP DATABASE [tpl]"),
            IN_RESTORE, faults -> faults.holdMidway("RESTORE DATABASE"),
            IN_RENAME, faults -> faults.holdAnswer("MODIFY NAME"),
            IN_DROP, faults -> faults.holdAnswer("DROP DATABASE [db"));

    private static final List<String> BEFORE = List.of(
            "received", "journal receive", "journal received", "lock", "observe", "journal start", "journal started");
    private static final List<String> CREATING = List.of(
            "clean",
            "backup",
            IN_BACKUP,
            "create",
            IN_RESTORE,
            "mark",
            "rename",
            "in progress",
            "journal end",
            IN_RENAME,
            "renamed");
    private static final List<String> DROPPING = List.of("in progress", "drop", IN_DROP, "dropped", "journal end");
    private static final List<String> AFTER = List.of("verify", "decided", "published", "acknowledged");

    private static final Set<String> AS_ON_POSTGRES = Stream.of(
                    BEFORE, List.of("create", "in progress", "drop", "dropped"), AFTER)
            .flatMap(List::stream)
            .collect(Collectors.toSet());

    private static final List<String> ROWS = List.of("Grand Bend", "Glendale");

    @TempDir
    Path folder;

    private final List<WorkerProcess> workers = new ArrayList<>();
    private KillPoints points;
    private FakeSqlServer server;

    private record Cell(String operation, String point) {
        @Override
        public String toString() {
            return operation + " / " + point;
        }
    }

    private static List<Cell> cells() {
        List<Cell> all = new ArrayList<>();
        for (String operation : List.of("Copy", "Delete", "Add")) {
            Stream.of(BEFORE, operation.equals("Delete") ? DROPPING : CREATING, AFTER)
                    .flatMap(List::stream)
                    .forEach(point -> all.add(new Cell(operation, point)));
        }
        if (Boolean.getBoolean("sqlserver-kill.all")) {
            return all;
        }
        Map<String, Cell> first = new LinkedHashMap<>();
        all.forEach(cell -> first.putIfAbsent(cell.point(), cell));
        first.keySet().removeAll(AS_ON_POSTGRES);
        return List.copyOf(first.values());
    }

    @BeforeEach
    void start() {
        points = new KillPoints(folder);
        server = new FakeSqlServer();
        server.createDatabase("tpl", ROWS.toArray(String[]::new));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void startWorker() {
        workers.add(e2e.start(points.in(e2e.settings()
                .sqlServer("mssql", server.jdbcUrl("master"), new Login(server.login(), server.password()))
                .template("mssql", "Minimal", "tpl")
                .with("instance-worker.default-server", "mssql")
                .with("instance-worker.servers.mssql.max-concurrent-jobs", "1"))));
    }

    @Test
    void everyJobEndsOnceAndTrulyAfterACrashAtAnyPoint() throws Exception {
        startWorker();
        workers.get(0).awaitReady();
        e2e.events();
        Map<Cell, List<String>> violated = new LinkedHashMap<>();
        int number = 0;
        for (Cell cell : cells()) {
            List<String> violations = run(cell, ++number);
            System.out.println("[SQL Server kill matrix] " + cell + ": " + (violations.isEmpty() ? "ok" : violations));
            if (!violations.isEmpty()) {
                violated.put(cell, violations);
            }
        }
        assertThat(violated).isEmpty();
    }

    /** The worker that takes over is the victim of the next cell, or the one that was started for this one is. */
    private List<String> run(Cell cell, int number) throws Exception {
        startWorker();
        String jobId = "job-" + number;
        String database = "db" + number;
        if (cell.operation().equals("Delete")) {
            e2e.send(JobJson.of("Add", jobId + "-before", database).template("Minimal"));
            e2e.events().awaitSuccess(jobId + "-before");
        }
        JobJson job = JobJson.of(cell.operation(), jobId, database);
        if (cell.operation().equals("Add")) {
            job.template("Minimal");
        } else if (cell.operation().equals("Copy")) {
            job.source("tpl");
        }
        kill(cell, job);
        e2e.events().awaitSuccess(jobId);
        Await.until(
                "its message is acknowledged",
                () -> e2e.depths("instance.jobs.provision.mssql").values().stream()
                        .allMatch(messages -> messages == 0));
        return violations(cell, jobId, database);
    }

    private void kill(Cell cell, JobJson job) throws Exception {
        Function<Faults, Faults.Hold> held = HELD.get(cell.point());
        if (held == null) {
            points.arm(job.jobId(), cell.point());
            e2e.send(job);
            awaitDeath();
            return;
        }
        Faults.Hold hold = held.apply(server.faults());
        e2e.send(job);
        hold.awaitArrival();
        String holder =
                e2e.events().awaitProgress(job.jobId()).data().get("worker").asString();
        workers.stream()
                .filter(worker -> worker.name().equals(holder))
                .findFirst()
                .orElseThrow()
                .kill();
        hold.release();
        awaitDeath();
    }

    private void awaitDeath() {
        Await.until("a worker dies", () -> workers.stream().anyMatch(worker -> !worker.isRunning()));
        workers.removeIf(worker -> !worker.isRunning());
    }

    private List<String> violations(Cell cell, String jobId, String database) {
        List<String> violations = new ArrayList<>();
        Set<String> ends = e2e.events().of(jobId).stream()
                .filter(Event::isFinal)
                .map(end -> end.outcome() + " " + end.id())
                .collect(Collectors.toCollection(TreeSet::new));
        if (ends.size() != 1 || !ends.iterator().next().startsWith("Succeeded")) {
            violations.add("it ended as " + ends);
        }
        if (server.hasDatabase(database) == cell.operation().equals("Delete")) {
            violations.add("its database is " + (server.hasDatabase(database) ? "there" : "not there"));
        }
        if (server.hasDatabase(database)) {
            if (!server.districts(database).equals(ROWS)) {
                violations.add("its database has the rows " + server.districts(database));
            }
            String mark = server.property(database, "InstanceWorker").orElse(null);
            if (OwnershipMark.parse(mark)
                    .filter(found -> found.jobId().equals(jobId))
                    .isEmpty()) {
                violations.add("its database has the mark " + mark);
            }
        }
        server.databases().stream()
                .filter(name -> name.startsWith("iw_staging_"))
                .forEach(name -> violations.add("a staging database is left"));
        server.files().stream()
                .filter(file -> file.endsWith(".bak"))
                .forEach(file -> violations.add("a backup is left: " + file));
        server.texts("journal_of_" + server.login(), "SELECT job_id FROM dbo.job_run WHERE outcome IS NULL")
                .forEach(open -> violations.add("the run of " + open + " is open"));
        if (!points.armed().isEmpty()) {
            violations.add("no worker came to " + points.armed());
            points.disarm();
        }
        return violations;
    }
}
