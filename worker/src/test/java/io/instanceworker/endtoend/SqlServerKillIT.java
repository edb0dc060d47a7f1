package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Faults;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import io.instanceworker.testing.Login;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Workers are killed with SIGKILL at every step of a job on a fake SQL Server, and another worker takes over. By default the
 * steps that are particular to SQL Server, once, on Linux; with {@code -Dsqlserver-kill.all=true} each step of each operation in
 * each form; with {@code -Dsqlserver-kill.cells=} the cells whose names begin as this regular expression says.
 */
class SqlServerKillIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    /** {@code once} for the first cell of each point on Linux that is not as elsewhere. */
    private static final String CELLS =
            Boolean.getBoolean("sqlserver-kill.all") ? ".*" : System.getProperty("sqlserver-kill.cells", "once");

    private static final String IN_BACKUP = "in BACKUP";
    private static final String IN_RESTORE = "in RESTORE";
    private static final String IN_COPY = "in AS COPY OF";
    private static final String IN_RENAME = "in the rename";
    private static final String IN_DROP = "in DROP";
    private static final String INTO_TRASH = "in the rename into the trash";
    private static final String OUT_OF_TRASH = "in the rename out of the trash";
    private static final String IN_MARK = "in the mark";

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
    private static final List<String> CREATING_ON_AZURE =
            List.of("clean", "create", IN_COPY, "mark", "rename", "in progress", "journal end", IN_RENAME, "renamed");
    private static final List<String> DROPPING = List.of("in progress", "drop", IN_DROP, "dropped", "journal end");
    private static final List<String> TRASHING = List.of("in progress", "trash", "journal end", INTO_TRASH, "trashed");
    private static final List<String> RESTORING =
            List.of("restore", "in progress", "journal end", OUT_OF_TRASH, "restored");
    private static final List<String> ADOPTING = List.of("adopt", "in progress", "journal end", IN_MARK, "adopted");
    private static final List<String> AFTER = List.of("verify", "decided", "published", "acknowledged");

    /** The last of a delivery that leaves its job to the server and waits. */
    private static final List<String> WAITING =
            List.of("journal defer", "journal deferred", "decided", "delayed", "acknowledged");

    /** Where a crash leaves what it leaves at another point, or on PostgreSQL. */
    private static final Set<String> AS_ELSEWHERE = Stream.of(
                    BEFORE,
                    List.of("clean", "backup", "create", "rename", "in progress", "journal end", "drop", "dropped"),
                    List.of("adopt", "adopted", "trash", "trashed", "restore", "restored"),
                    AFTER)
            .flatMap(List::stream)
            .collect(Collectors.toSet());

    /** A Delete on the same server under another name, where it puts the database into the trash. */
    private static final String TRASH = "Trash";

    private static final String TRASH_SERVER = "trash";

    private static final List<String> ROWS = List.of("Grand Bend", "Glendale");

    /** While the server carries out a statement: which statement, and how it is held. */
    private static final Map<String, Function<Faults, Faults.Hold>> HELD = Map.of(
            IN_BACKUP, faults -> faults.holdMidway("BACKUP DATABASE [tpl]"),
            IN_RESTORE, faults -> faults.holdMidway("RESTORE DATABASE"),
            IN_COPY, faults -> faults.holdAnswer("AS COPY OF"),
            IN_RENAME, faults -> faults.holdAnswer("MODIFY NAME"),
            IN_DROP, faults -> faults.holdAnswer("DROP DATABASE [db"),
            INTO_TRASH, faults -> faults.holdAnswer("MODIFY NAME"),
            OUT_OF_TRASH, faults -> faults.holdAnswer("MODIFY NAME"),
            IN_MARK, faults -> faults.holdAnswer("sp_addextendedproperty"));

    private static final Map<String, Function<Faults, Faults.Hold>> HELD_ON_RDS = Map.of(
            IN_BACKUP, faults -> faults.holdAnswer("rds_backup_database"),
            IN_RESTORE, faults -> faults.holdAnswer("rds_restore_database"),
            IN_RENAME, faults -> faults.holdAnswer("rds_modify_db_name"),
            IN_DROP, faults -> faults.holdAnswer("rds_drop_database"),
            IN_MARK, faults -> faults.holdAnswer("sp_addextendedproperty"));

    /** Which of the deliveries is killed. Only where the server works by itself has a job several. */
    private enum Delivery {
        /** The first that comes to the point. */
        FIRST(""),
        DURING_BACKUP("during the backup, "),
        DURING_RESTORE("during the restore, "),
        LAST("last delivery, ");

        private final String words;

        Delivery(String words) {
            this.words = words;
        }
    }

    private record Cell(Platform form, String operation, Delivery delivery, String point) {
        @Override
        public String toString() {
            return form + " / " + operation + " / " + delivery.words + point;
        }
    }

    @TempDir
    Path folder;

    private final List<WorkerProcess> workers = new ArrayList<>();
    private KillPoints points;
    private FakeSqlServer server;
    private int rowsLeft;

    static Stream<Platform> forms() {
        return Stream.of(
                        Platform.LINUX,
                        Platform.AMAZON_RDS,
                        Platform.AZURE_SQL_DATABASE,
                        Platform.AZURE_MANAGED_INSTANCE)
                .filter(form -> !cells(form).isEmpty());
    }

    private static List<Cell> cells(Platform form) {
        List<Cell> all = new ArrayList<>();
        for (String operation : operations(form)) {
            boolean copiesByItself = form == Platform.AMAZON_RDS || form == Platform.AZURE_SQL_DATABASE;
            boolean hasSeveralDeliveries =
                    copiesByItself && Set.of("Copy", "Add").contains(operation);
            List<String> creating = form == Platform.AZURE_SQL_DATABASE ? CREATING_ON_AZURE : CREATING;
            List<String> middle = switch (operation) {
                case "Delete" -> DROPPING;
                case TRASH -> TRASHING;
                case "Restore" -> RESTORING;
                case "Adopt" -> ADOPTING;
                default -> creating;
            };
            Map<Delivery, List<List<String>>> points = new EnumMap<>(Delivery.class);
            points.put(Delivery.FIRST, List.of(BEFORE, middle, hasSeveralDeliveries ? WAITING : AFTER));
            if (hasSeveralDeliveries) {
                points.put(Delivery.LAST, List.of(List.of("in progress"), AFTER));
            }
            if (form == Platform.AMAZON_RDS && operation.equals("Copy")) {
                List<List<String>> again = List.of(BEFORE, List.of("clean", "in progress"), WAITING);
                points.put(Delivery.DURING_BACKUP, again);
                points.put(Delivery.DURING_RESTORE, again);
            }
            points.forEach((delivery, groups) -> groups.stream()
                    .flatMap(List::stream)
                    .forEach(point -> all.add(new Cell(form, operation, delivery, point))));
        }
        if (!CELLS.equals("once")) {
            Pattern wanted = Pattern.compile(CELLS);
            all.removeIf(cell -> !wanted.matcher(cell.toString()).lookingAt());
            return all;
        }
        if (form != Platform.LINUX) {
            return List.of();
        }
        Map<String, Cell> first = new LinkedHashMap<>();
        all.forEach(cell -> first.putIfAbsent(cell.point(), cell));
        first.keySet().removeAll(AS_ELSEWHERE);
        return List.copyOf(first.values());
    }

    /** Only a server on a machine has a trash. */
    private static List<String> operations(Platform form) {
        List<String> operations = new ArrayList<>(List.of("Copy", "Delete", "Add", "Adopt"));
        if (form == Platform.LINUX) {
            operations.addAll(List.of(TRASH, "Restore"));
        }
        return operations;
    }

    @AfterEach
    void stop() {
        workers.forEach(WorkerProcess::kill);
        server.close();
    }

    private void startWorker() {
        String name = name(server.platform());
        WorkerSettings settings = e2e.settings()
                .sqlServer(name, server.jdbcUrl("master"), new Login(server.login(), server.password()))
                .template(name, "Minimal", "tpl")
                .sqlServer(TRASH_SERVER, server.jdbcUrl("master"), new Login(server.login(), server.password()))
                .with("instance-worker.servers." + TRASH_SERVER + ".delete", "trash")
                .with("instance-worker.servers." + TRASH_SERVER + ".max-concurrent-jobs", "1")
                .with("instance-worker.servers." + name + ".allow-adopt", "true")
                .with("instance-worker.default-server", name)
                .with("instance-worker.servers." + name + ".max-concurrent-jobs", "1");
        HostingSettings.of(server.platform()).forEach((property, value) -> {
            settings.with("instance-worker.servers." + name + ".properties." + property, value);
            settings.with("instance-worker.servers." + TRASH_SERVER + ".properties." + property, value);
        });
        workers.add(e2e.start(points.in(settings)));
    }

    private static String name(Platform form) {
        return form.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyJobEndsOnceAndTrulyAfterACrashAtAnyPoint(Platform form) throws Exception {
        points = new KillPoints(folder);
        server = new FakeSqlServer(Options.standard().on(form));
        server.createDatabase("tpl", ROWS.toArray(String[]::new));
        startWorker();
        workers.get(0).awaitReady();
        e2e.events();
        Map<Cell, List<String>> violated = new LinkedHashMap<>();
        int number = 0;
        for (Cell cell : cells(form)) {
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
        String jobId = name(cell.form()) + "-" + number;
        String database = "db" + number;
        prepare(cell, jobId, database);
        JobJson job = cell.operation().equals(TRASH)
                ? JobJson.of("Delete", jobId, database).server(TRASH_SERVER)
                : JobJson.of(cell.operation(), jobId, database);
        if (cell.operation().equals("Add")) {
            job.template("Minimal");
        } else if (cell.operation().equals("Copy")) {
            job.source("tpl");
        }
        int tasksBefore = server.rds().tasks().size();
        kill(cell, job);
        e2e.events().awaitSuccess(jobId);
        Await.until(
                "its message is acknowledged",
                () -> e2e
                        .depths(
                                "instance.jobs.provision." + name(cell.form()),
                                "instance.jobs.provision." + TRASH_SERVER)
                        .values()
                        .stream()
                        .allMatch(messages -> messages == 0));
        List<String> violations = violations(cell, jobId, database);
        List<String> tasks = server.rds().tasks();
        if (!tasks.subList(tasksBefore, tasks.size()).equals(tasksOf(cell))) {
            violations.add("the tasks are " + tasks.subList(tasksBefore, tasks.size()));
        }
        int rows = server.texts("journal_of_" + server.login(), "SELECT path FROM dbo.backup_file")
                .size();
        if (rows - rowsLeft > (mayLeaveRow(cell) ? 1 : 0)) {
            violations.add("the row of a backup is left");
        }
        rowsLeft = rows;
        return violations;
    }

    private void prepare(Cell cell, String jobId, String database) {
        if (cell.operation().equals("Adopt")) {
            server.createDatabase(database, ROWS.toArray(String[]::new));
        }
        if (Set.of("Delete", TRASH, "Restore").contains(cell.operation())) {
            e2e.send(JobJson.of("Add", jobId + "-before", database).template("Minimal"));
            e2e.events().awaitSuccess(jobId + "-before");
        }
        if (cell.operation().equals("Restore")) {
            e2e.send(JobJson.of("Delete", jobId + "-deleted", database).server(TRASH_SERVER));
            e2e.events().awaitSuccess(jobId + "-deleted");
        }
    }

    /** The row is removed right after the rename. If the worker dies between the two, it is left to the sweep. */
    private static boolean mayLeaveRow(Cell cell) {
        return cell.form() != Platform.LINUX && cell.point().equals(IN_RENAME);
    }

    /** Each task is submitted once. */
    private static List<String> tasksOf(Cell cell) {
        return cell.form() != Platform.AMAZON_RDS || !Set.of("Copy", "Add").contains(cell.operation())
                ? List.of()
                : List.of("BACKUP_DB SUCCESS", "RESTORE_DB SUCCESS");
    }

    private void kill(Cell cell, JobJson job) throws Exception {
        Function<Faults, Faults.Hold> held =
                (cell.form() == Platform.AMAZON_RDS ? HELD_ON_RDS : HELD).get(cell.point());
        if (held != null) {
            killInStatement(held.apply(server.faults()), job);
            if (cell.form() == Platform.AZURE_MANAGED_INSTANCE) {
                // It goes on with a RESTORE without its client.
                server.managedInstance().endRestores(true);
            }
            return;
        }
        switch (cell.delivery()) {
            case FIRST -> {
                points.arm(job.jobId(), cell.point());
                e2e.send(job);
            }
            case DURING_BACKUP -> {
                server.rds().hold(true);
                e2e.send(job);
                awaitTask("BACKUP_DB IN_PROGRESS");
                points.arm(job.jobId(), cell.point());
            }
            case DURING_RESTORE -> {
                holdAt("create", job);
                server.rds().hold(true);
                points.release(job.jobId(), "create");
                awaitTask("RESTORE_DB IN_PROGRESS");
                points.arm(job.jobId(), cell.point());
            }
            case LAST -> {
                holdAt("mark", job);
                points.arm(job.jobId(), cell.point());
                points.release(job.jobId(), "mark");
            }
        }
        awaitDeath();
        server.rds().hold(false);
    }

    private void killInStatement(Faults.Hold hold, JobJson job) throws Exception {
        e2e.send(job);
        hold.awaitArrival();
        workers.stream()
                .filter(worker -> has(worker, job.jobId()))
                .findFirst()
                .orElseThrow()
                .kill();
        hold.release();
        awaitDeath();
    }

    private static boolean has(WorkerProcess worker, String jobId) {
        try {
            return worker.jobsInHand().toString().contains('"' + jobId + '"');
        } catch (IOException e) {
            // It is starting.
            return false;
        }
    }

    private void holdAt(String point, JobJson job) {
        points.hold(job.jobId(), point);
        e2e.send(job);
        Await.until("the job is held at " + point, () -> points.isHeld(job.jobId(), point));
    }

    private void awaitTask(String task) {
        Await.until(task, () -> server.rds().tasks().contains(task));
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
        if (server.hasDatabase(database) == Set.of("Delete", TRASH).contains(cell.operation())) {
            violations.add("its database is " + (server.hasDatabase(database) ? "there" : "not there"));
        }
        if (server.hasDatabase(database)) {
            if (!server.districts(database).equals(ROWS)) {
                violations.add("its database has the rows " + server.districts(database));
            }
            String mark = server.property(database, "InstanceWorker").orElse(null);
            if (OwnershipMark.parse(mark)
                    .filter(found ->
                            found.jobId().equals(jobId + (cell.operation().equals("Restore") ? "-before" : "")))
                    .isEmpty()) {
                violations.add("its database has the mark " + mark);
            }
        }
        List<String> trashed = server.databases().stream()
                .filter(name -> name.startsWith("iw_trash_") && name.endsWith("_" + database))
                .toList();
        if (trashed.size() != (cell.operation().equals(TRASH) ? 1 : 0)) {
            violations.add("in the trash are " + trashed);
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
