package io.instanceworker.endtoend;

import io.instanceworker.endtoend.KillCell.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs one cell: a job, the death of its worker, what another one makes of it. */
final class KillCellRun {

    /** How a process ends of SIGKILL, as a shell counts it. */
    private static final int KILLED = 128 + 9;

    private final KillLine line;
    private final KillCell cell;
    private final String jobId;
    private final String database;
    private final List<String> violations = new ArrayList<>();
    private String oidAtDeath = "";

    KillCellRun(KillLine line, KillCell cell, int number) {
        this.line = line;
        this.cell = cell;
        this.jobId = cell.kind() == Kind.NO_JOB ? "null" : "job-" + number;
        this.database = line.e2e.database("db" + number);
    }

    /** @return what does not hold afterwards */
    List<String> run() throws SQLException {
        line.ready();
        prepare();
        switch (cell.point()) {
            case KillCell.IN_CREATE, KillCell.IN_STOPPED_CREATE -> killInCreate();
            case KillCell.IN_DROP, KillCell.IN_CUT_DROP -> killInDrop();
            default -> killAtPoint();
        }
        line.awaitQuiet();
        violations.addAll(line.check(this::wrongEnd));
        checkThatItIsNotMadeAnew();
        if (violations.isEmpty() && line.databases.exists(database)) {
            // So that what is checked after each cell stays little.
            line.send(JobJson.of("Delete", jobId + "-after", database));
        }
        return violations;
    }

    private void prepare() {
        if (cell.kind() == Kind.ADOPT) {
            line.databases.create(database);
        }
        if (Set.of(Kind.DELETE, Kind.TRASH, Kind.RESTORE).contains(cell.kind())) {
            line.send(JobJson.of("Add", jobId + "-before", database).template("Minimal"));
            line.e2e.events().awaitSuccess(jobId + "-before");
        }
        if (cell.kind() == Kind.RESTORE) {
            line.sendToTrash(JobJson.of("Delete", jobId + "-deleted", database));
            line.e2e.events().awaitSuccess(jobId + "-deleted");
        }
    }

    private void send() {
        switch (cell.kind()) {
            case ADD, LOCKED -> line.send(JobJson.of("Add", jobId, database).template("Minimal"));
            case MOVED ->
                line.sendToCommonQueue(JobJson.of("Add", jobId, database).template("Minimal"));
            case DISCONNECT ->
                line.send(
                        JobJson.of("Copy", jobId, database).source(line.source).with("whenSourceBusy", "disconnect"));
            case COPY, BUSY -> line.send(JobJson.of("Copy", jobId, database).source(line.source));
            case DELETE -> line.send(JobJson.of("Delete", jobId, database));
            case TRASH -> line.sendToTrash(JobJson.of("Delete", jobId, database));
            case RESTORE -> line.send(JobJson.of("Restore", jobId, database));
            case ADOPT -> line.send(JobJson.of("Adopt", jobId, database));
            case INFO -> line.send(JobJson.of("Info", jobId, line.source));
            case STATUS -> line.send(JobJson.of("Status", jobId, line.source));
            case CONFLICT -> line.send(JobJson.of("Add", jobId, line.foreign).instance("id", jobId));
            case FOREIGN -> line.send(JobJson.of("Delete", jobId, line.foreign).instance("id", jobId));
            case GIVEN_UP -> line.send(JobJson.of("Add", jobId, database).template("Busy"), line.busy);
            case REFUSED -> line.send(JobJson.of("Add", jobId));
            case NO_JOB -> line.sendNoJob("{ no job " + database);
        }
    }

    private void killAtPoint() throws SQLException {
        line.points.arm(jobId, cell.point());
        if (cell.kills() > 1) {
            line.points.armAgain(jobId, cell.point());
        }
        switch (cell.kind()) {
            case LOCKED -> {
                try (Connection inTheWay = line.databases.lock(database)) {
                    sendAndAwaitDeath();
                }
            }
            case BUSY, DISCONNECT -> {
                try (Connection inTheWay = line.databases.session(line.source, "in the way")) {
                    sendAndAwaitDeath();
                }
            }
            case GIVEN_UP -> {
                try (Connection inTheWay = line.databases.session(line.busy, "in the way")) {
                    sendAndAwaitDeath();
                    line.awaitQuiet();
                }
            }
            default -> sendAndAwaitDeath();
        }
        if (!line.points.armed().isEmpty()) {
            violations.add("no worker came to " + line.points.armed());
            line.points.disarm();
        }
    }

    private void sendAndAwaitDeath() {
        send();
        awaitDeath();
        for (int kill = 2; kill <= cell.kills(); kill++) {
            line.startWorker();
            awaitDeath();
        }
    }

    private void awaitDeath() {
        Await.until(
                "a worker dies of " + cell.name(), () -> line.workers.stream().anyMatch(worker -> !worker.isRunning()));
        for (WorkerProcess worker : List.copyOf(line.workers)) {
            if (!worker.isRunning()) {
                line.workers.remove(worker);
                if (worker.awaitEnd() != KILLED) {
                    violations.add(worker.name() + " ended with " + worker.awaitEnd());
                }
            }
        }
        oidAtDeath = oid();
    }

    private String oid() {
        return line.databases.value("SELECT oid FROM pg_database WHERE datname = " + Databases.literal(database));
    }

    private void checkThatItIsNotMadeAnew() {
        String oid = oid();
        if (!oidAtDeath.isEmpty() && !oid.isEmpty() && !oid.equals(oidAtDeath)) {
            violations.add(database + " was there when its worker died, and was made anew");
        }
    }

    private void killInCreate() throws SQLException {
        if (cell.kind() == Kind.DISCONNECT) {
            killInDisconnectingCreate();
            return;
        }
        String origin = cell.kind() == Kind.ADD ? line.template : line.source;
        try (Connection inTheWay = line.databases.holdUpCopies(origin)) {
            send();
            line.databases.awaitCreate();
            if (cell.point().equals(KillCell.IN_STOPPED_CREATE)) {
                killAndStop(inTheWay);
            } else {
                killHolder();
                WorkerProcess heir = line.workers.get(0);
                Await.until("the next worker has ended the CREATE and goes on", () -> hasBegun(heir));
            }
        }
    }

    /** The worker cannot end a superuser's session, so one that comes late holds its CREATE up. */
    private void killInDisconnectingCreate() throws SQLException {
        line.points.hold(jobId, "create");
        send();
        Await.until("it is about to create", () -> line.points.isHeld(jobId, "create"));
        try (Connection atWork = line.databases.session(line.source, "at work");
                Connection inTheWay = line.databases.superuserSession(line.source)) {
            line.points.release(jobId, "create");
            line.databases.awaitCreate();
            Await.until("the session at work is ended", () -> !atWork.isValid(5));
            killAndStop(inTheWay);
        }
    }

    private void killAndStop(Connection inTheWay) throws SQLException {
        try (StoppedProcess stopped =
                StoppedProcess.of(line.databases.createPids().get(0))) {
            killHolder();
            inTheWay.close();
            checkThatTheHeirWaits();
        }
    }

    private void killInDrop() {
        String limit = "SELECT datconnlimit FROM pg_database WHERE datname = " + Databases.literal(database);
        try (StoppedProcess stopped = StoppedProcess.checkpointer(line.databases)) {
            send();
            Await.until(
                    "the DROP is half done", () -> line.databases.value(limit).equals("-2"));
            killHolder();
            if (cell.point().equals(KillCell.IN_CUT_DROP)) {
                cutDrop();
            } else {
                checkThatTheHeirWaits();
            }
            if (!line.databases.value(limit).equals("-2")) {
                violations.add("the DROP was over when its worker died");
            }
        }
    }

    private void cutDrop() {
        String dropping =
                " FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DROP DATABASE %' AND usename = "
                        + Databases.literal(line.e2e.login().username());
        line.databases.value("SELECT pg_terminate_backend(pid)" + dropping);
        Await.until(
                "the DROP is cut",
                () -> line.databases.value("SELECT pid" + dropping).isEmpty());
    }

    private void killHolder() {
        String holder =
                line.e2e.events().awaitProgress(jobId).data().get("worker").asString();
        line.workers.stream()
                .filter(worker -> worker.name().equals(holder))
                .findFirst()
                .orElseThrow()
                .kill();
        awaitDeath();
    }

    /** The server still works for the dead, and holds its lock. */
    private void checkThatTheHeirWaits() {
        WorkerProcess heir = line.workers.get(0).awaitReady();
        long waitsBefore = waits(heir);
        Await.until("the heir has the job", () -> waits(heir) > waitsBefore || hasBegun(heir));
        if (hasBegun(heir)) {
            violations.add(heir.name() + " began while the server was at work for the dead worker");
        }
    }

    private static long waits(WorkerProcess worker) {
        return worker.log()
                .lines()
                .filter(line -> line.contains("another job works on the same database"))
                .count();
    }

    private boolean hasBegun(WorkerProcess worker) {
        return line.e2e.events().of(jobId).stream()
                .anyMatch(event -> event.data().get("worker").asString().equals(worker.name()));
    }

    /** Whether the job came to the end that it had come to without a kill. */
    private List<String> wrongEnd() {
        Set<String> ends = line.e2e.events().of(jobId).stream()
                .filter(Event::isFinal)
                .map(end -> end.outcome() + (end.errorCode() == null ? "" : " " + end.errorCode()))
                .collect(Collectors.toSet());
        Set<String> expected = switch (cell.kind()) {
            case ADD, COPY, BUSY, LOCKED, DISCONNECT, MOVED, DELETE, TRASH, RESTORE, ADOPT, INFO, STATUS ->
                Set.of("Succeeded");
            case CONFLICT, FOREIGN -> Set.of("Error INSTANCE_CONFLICT");
            case GIVEN_UP -> Set.of("Error SOURCE_BUSY");
            case REFUSED -> Set.of("Rejected INVALID_REQUEST");
            case NO_JOB -> Set.of();
        };
        return ends.equals(expected) ? List.of() : List.of(jobId + " ended as " + ends + " and not as " + expected);
    }
}
