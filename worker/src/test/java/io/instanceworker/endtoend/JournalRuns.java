package io.instanceworker.endtoend;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.OutcomeKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether the journal says what was published, and the databases are as the last runs in it left them. */
final class JournalRuns {

    /** One row; its result is null as long as it is open. */
    private record Run(
            String runId,
            String jobId,
            String claim,
            @Nullable InstanceStatusEvent result) {

        static Run of(String row) {
            String[] values = row.split("\\|", 4);
            return new Run(
                    values[0],
                    values[1],
                    values[2],
                    values[3].equals("null")
                            ? null
                            : new EventReader().read(values[3].getBytes(StandardCharsets.UTF_8)));
        }

        String database() {
            return String.valueOf(result.data().facts().instance().databaseName());
        }

        boolean leaves() {
            return result.data().facts().operation() != Operation.DELETE;
        }
    }

    private final Databases databases;
    private final List<String> violations = new ArrayList<>();

    private JournalRuns(Databases databases) {
        this.databases = databases;
    }

    /** @param present the names of all databases */
    static List<String> violations(Databases databases, Evidence evidence, Set<String> present) {
        JournalRuns runs = new JournalRuns(databases);
        List<Run> all = runs.read();
        runs.checkEnds(all, evidence);
        runs.checkPublished(all, evidence.events());
        runs.checkDatabases(all, present);
        runs.checkIdentities();
        return runs.violations;
    }

    /** In the order in which they ended. */
    private List<Run> read() {
        return rows("SELECT run_id, job_id, claim, result FROM job_run ORDER BY ended_at").stream()
                .map(Run::of)
                .toList();
    }

    private List<String> rows(String sql) {
        return databases.rows(databases.journal(), sql);
    }

    /** No message is anywhere, so nobody will end a run that is open. */
    private void checkEnds(List<Run> runs, Evidence evidence) {
        Set<InstanceStatusEvent> events = new HashSet<>(evidence.events());
        // Two messages of the same bytes look alike when both come again, so one end may be published for both.
        evidence.jobs().stream()
                .filter(job -> job.times() > 1)
                .flatMap(job -> runs.stream().filter(run -> run.jobId().equals(job.jobId())))
                .forEach(run -> events.add(run.result()));
        for (Run run : runs) {
            if (run.result() == null) {
                violations.add("the run " + run.runId() + " of " + run.jobId() + " is open, with the claim "
                        + run.claim() + ", and no message is left");
            } else if (!events.contains(run.result())) {
                violations.add(
                        "the run " + run.runId() + " ended as " + run.result().id() + " at "
                                + run.result().time() + " in the journal, which was not published");
            }
        }
    }

    private void checkPublished(List<Run> runs, List<InstanceStatusEvent> published) {
        Set<InstanceStatusEvent> written = new HashSet<>();
        runs.forEach(run -> written.add(run.result()));
        for (InstanceStatusEvent event : new HashSet<>(published)) {
            Operation operation = event.data().facts().operation();
            if (event.data().outcome() == OutcomeKind.SUCCEEDED
                    && operation != null
                    && operation.changesDatabases()
                    && !written.contains(event)) {
                violations.add(
                        event.id() + " of " + event.time() + " was published and is no run's end in the journal");
            }
        }
    }

    /** By the time from which each result counts: that of a Delete which was done earlier is older than its end. */
    private void checkDatabases(List<Run> runs, Set<String> present) {
        Map<String, Run> last = new TreeMap<>();
        runs.stream()
                .filter(run -> run.result() != null && run.result().data().outcome() == OutcomeKind.SUCCEEDED)
                .sorted(Comparator.comparing(run -> run.result().data().facts().startedAt()))
                .forEach(run -> last.put(run.database(), run));
        last.forEach((database, run) -> {
            if (run.leaves() != present.contains(database)) {
                violations.add(database + " is " + (run.leaves() ? "not there" : "there") + ", but the last run in the"
                        + " journal is that of " + run.jobId());
            }
        });
    }

    /** Both clocks are this machine's. */
    private void checkIdentities() {
        rows("SELECT d.datname, j.job_id FROM pg_database d JOIN job_run j ON j.before_identity = d.oid::text"
                        + " WHERE j.outcome = 'Succeeded' AND d.datname NOT LIKE 'iw\\_trash\\_%'"
                        + " AND NOT EXISTS (SELECT 1 FROM job_run r WHERE r.operation = 'Restore' AND r.outcome = 'Succeeded'"
                        + " AND r.database_name = d.datname AND r.ended_at > j.ended_at)")
                .forEach(row -> violations.add("a Delete has succeeded that was to drop what is still there: " + row));
        rows("SELECT d.datname, max(j.ended_at), mark.value ->> 'createdAt' FROM pg_database d,"
                        + " LATERAL (SELECT shobj_description(d.oid, 'pg_database') AS text) comment,"
                        + " LATERAL (SELECT CASE WHEN comment.text LIKE '{%}' THEN comment.text::json END AS value) mark"
                        + " JOIN job_run j ON j.outcome = 'Succeeded'"
                        + " WHERE j.database_name = d.datname AND j.job_id = mark.value ->> 'jobId'"
                        + " GROUP BY d.datname, mark.value ->> 'createdAt'"
                        + " HAVING max(j.ended_at) < (mark.value ->> 'createdAt')::timestamptz")
                .forEach(row -> violations.add("a database was made after its run had ended: " + row));
    }
}
