package io.instanceworker.endtoend;

import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.TrashMark;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether the database server holds what was told, complete and marked, and nothing half-made or still held. */
final class ServerState {

    private record Found(String name, String owner, int connectionLimit, boolean allowsConnections, String comment) {}

    private final Databases databases;
    private final String role;
    private final String prefix;
    private final String ours;
    private final UntouchedDatabases bystanders;

    /**
     * @param role the worker's
     * @param prefix how the names of all databases begin that jobs are sent for
     */
    ServerState(Databases databases, String role, String prefix, UntouchedDatabases bystanders) {
        this.databases = databases;
        this.role = role;
        this.prefix = prefix;
        this.ours = "(pg_get_userbyid(datdba) = " + Databases.literal(role) + " OR starts_with(datname, "
                + Databases.literal(prefix) + "))";
        this.bystanders = bystanders;
    }

    /** The marks of the databases that are not bystanders. */
    List<OwnershipMark> marks() {
        return found().values().stream()
                .flatMap(found -> OwnershipMark.parse(found.comment()).stream())
                .toList();
    }

    private Map<String, Found> found() {
        Map<String, Found> all = new TreeMap<>();
        for (String row : databases.rows(
                "postgres",
                "SELECT datname, pg_get_userbyid(datdba), datconnlimit, datallowconn,"
                        + " shobj_description(oid, 'pg_database') FROM pg_database WHERE " + ours)) {
            String[] values = row.split("\\|", 5);
            if (!bystanders.names().contains(values[0]) && !values[0].equals(databases.journal())) {
                all.put(
                        values[0],
                        new Found(values[0], values[1], Integer.parseInt(values[2]), values[3].equals("t"), values[4]));
            }
        }
        return all;
    }

    /** The databases are those that were told, and each is what was asked for. */
    List<String> databaseViolations(Evidence evidence) {
        Makers makers = new Makers(evidence);
        Map<String, Found> found = found();
        List<String> violations = new ArrayList<>(makers.violations());
        violations.addAll(CancelledDrops.violations(databases.serverLog(), prefix));
        violations.addAll(JournalRuns.violations(databases, evidence, found.keySet()));
        found.forEach((name, database) -> {
            if (name.startsWith("iw_staging_")) {
                violations.add("the staging database " + name + " was left behind");
            } else if (name.startsWith("iw_trash_")) {
                violations.addAll(checkedTrash(database, found.values(), evidence.jobs()));
            } else {
                violations.addAll(checked(database, makers.of(name), evidence.jobs()));
            }
        });
        return violations;
    }

    private List<String> checked(Found database, Set<String> makers, List<SentJob> jobs) {
        String name = database.name();
        List<String> violations = new ArrayList<>();
        if (database.connectionLimit() == -2) {
            violations.add(name + " is the rest of an interrupted DROP");
            return violations;
        }
        if (!database.allowsConnections()) {
            violations.add("nobody may connect to " + name);
            return violations;
        }
        OwnershipMark mark = OwnershipMark.parse(database.comment()).orElse(null);
        SentJob maker = mark == null ? null : job(mark.jobId(), jobs);
        if (mark == null || maker == null || !makers.contains(mark.jobId())) {
            violations.add(
                    name + " was published as made by " + makers + " and carries the mark " + database.comment());
            return violations;
        }
        if (!maker.isFor(name) || !maker.isOf(mark.instanceId(), mark.tenant())) {
            violations.add(
                    name + " carries the mark " + database.comment() + ", which is not what " + maker + " asked for");
        }
        if (!owners(maker).contains(database.owner())) {
            violations.add(name + " belongs to " + database.owner());
        }
        Set<String> right = contentsOf(maker, jobs, new HashSet<>());
        String contents = UntouchedDatabases.contents(databases, name);
        if (!right.contains(contents)) {
            violations.add(name + " holds \"" + contents + "\" instead of " + right);
        }
        return violations;
    }

    /** One that a Delete of that database has put there, and of that Delete the only one. */
    private static List<String> checkedTrash(Found database, Collection<Found> all, List<SentJob> jobs) {
        TrashMark mark = TrashMark.parse(database.comment()).orElse(null);
        SentJob deleter = mark == null ? null : job(mark.jobId(), jobs);
        long ofDeleter = all.stream()
                .flatMap(found -> TrashMark.parse(found.comment()).stream())
                .filter(found -> mark != null && found.jobId().equals(mark.jobId()))
                .count();
        boolean right = deleter != null
                && deleter.deletes()
                && deleter.isFor(mark.databaseName())
                && deleter.isOf(mark.instanceId(), mark.tenant())
                && OwnershipMark.parse(mark.comment()).isPresent()
                && !database.allowsConnections()
                && database.connectionLimit() != -2
                && ofDeleter == 1;
        return right
                ? List.of()
                : List.of(database + " is in the trash, and not as the Delete " + deleter + " puts it");
    }

    private static @Nullable SentJob job(String jobId, List<SentJob> jobs) {
        return jobs.stream()
                .filter(job -> job.jobId().equals(jobId))
                .findFirst()
                .orElse(null);
    }

    /** The worker's role, or whoever owns the template or source. */
    private Set<String> owners(SentJob maker) {
        return maker.origin() != null && bystanders.names().contains(maker.origin())
                ? new TreeSet<>(List.of(role, bystanders.ownerOf(maker.origin())))
                : Set.of(role);
    }

    /** Nobody writes into databases here, so a copy of a copy holds what the first one was made from. */
    private Set<String> contentsOf(SentJob maker, List<SentJob> jobs, Set<String> seen) {
        String origin = maker.origin();
        if (origin == null) {
            return Set.of("");
        }
        if (bystanders.names().contains(origin)) {
            return Set.of(bystanders.contentsOf(origin));
        }
        Set<String> contents = new TreeSet<>();
        if (seen.add(origin)) {
            jobs.stream()
                    .filter(job -> job.makes() && job.isFor(origin))
                    .forEach(job -> contents.addAll(contentsOf(job, jobs, seen)));
        }
        return contents;
    }

    /**
     * Nothing is held or still at work.
     *
     * @param workersLive whether there is a worker that may have idle sessions in its pool
     */
    List<String> sessionViolations(Evidence evidence, boolean workersLive) {
        List<String> violations = new ArrayList<>();
        String ofRole = "a.usename = " + Databases.literal(role);
        String journal = Databases.literal(databases.journal());
        // A worker that runs has a lock in the journal's database that is on no database.
        String keys = evidence.jobs().stream()
                .flatMap(job -> Stream.of(job.instance().databaseName(), job.origin()))
                .filter(Objects::nonNull)
                .distinct()
                .map(name -> String.valueOf(Databases.lockKey(name)))
                .collect(Collectors.joining(", "));
        databases
                .rows(
                        "postgres",
                        "SELECT l.pid, l.mode, l.classid, l.objid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                                + " WHERE l.locktype = 'advisory' AND " + ofRole
                                + (workersLive
                                        ? " AND (a.datname <> " + journal
                                                + " OR (l.classid::bigint << 32 | l.objid::bigint) IN (" + keys + "))"
                                        : ""))
                .forEach(lock -> violations.add("a session holds an advisory lock: " + lock));
        databases
                .rows(
                        "postgres",
                        "SELECT pid, datname, state, application_name, query FROM pg_stat_activity a WHERE " + ofRole
                                + (workersLive
                                        ? " AND (state <> 'idle' OR datname NOT IN ('postgres', " + journal + "))"
                                        : ""))
                .forEach(session -> violations.add("a session of the worker's role is left: " + session));
        return violations;
    }
}
