package io.instanceworker.cli;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.Printable;
import io.instanceworker.cli.console.Table;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.messaging.client.JobClient;
import io.instanceworker.messaging.client.ReceivedEvent;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Sends the rows of a file that have not ended, a limited number at a time, and counts how all rows ended. */
final class BulkRun implements AutoCloseable {

    /** The code of a delete that was sent by an earlier run, which did not receive the result. */
    private static final String RESULT_UNKNOWN = "RESULT_UNKNOWN";

    private final Invocation invocation;
    private final List<JobRow> rows;
    private final BulkState state;
    private final FailedRows failures;
    private final InterruptionNotice notice = new InterruptionNotice(this::interrupted);

    /** By job id. */
    private final Map<String, JobRow> inFlight = new ConcurrentHashMap<>();

    private int succeeded;
    private int failed;

    BulkRun(Invocation invocation, List<JobRow> rows, BulkState state, FailedRows failures) {
        this.invocation = invocation;
        this.rows = rows;
        this.state = state;
        this.failures = failures;
        rows.forEach(row -> {
            ObjectNode end = state.end(row);
            if (end != null) {
                count(row, end);
            }
        });
    }

    private void count(JobRow row, ObjectNode end) {
        if (end.path("outcome").asString("").equals(OutcomeKind.SUCCEEDED.jsonName())) {
            succeeded++;
        } else {
            failed++;
            // The file of failed rows can be fed in again, and this row may have been done.
            if (!end.path("code").asString("").equals(RESULT_UNKNOWN)) {
                failures.add(row, end);
            }
        }
    }

    /** Counts as failed what was sent by an earlier run, has no result, and must not be sent again. */
    void endUncertain() {
        for (JobRow row : rows) {
            if (state.end(row) == null && !state.isOpen(row)) {
                count(
                        row,
                        state.ended(
                                row,
                                RESULT_UNKNOWN,
                                RESULT_UNKNOWN,
                                "It was sent at " + state.sentAt(row)
                                        + ", and its result was not received. See with status or"
                                        + " history what has become of it, before it is sent again."));
            }
        }
    }

    /** @return whether no time was over */
    boolean send(JobClient client, int limit, int most, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        Iterator<JobRow> open =
                rows.stream().filter(state::isOpen).limit(limit).toList().iterator();
        while (open.hasNext() || !inFlight.isEmpty()) {
            while (open.hasNext() && inFlight.size() < most) {
                JobRow row = open.next();
                state.sending(row);
                inFlight.put(row.job().jobId(), row);
                client.send(row.job());
            }
            showProgress();
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            ReceivedEvent event = client.next(Duration.ofNanos(left));
            JobRow row = event == null ? null : inFlight.get(event.jobId());
            if (event != null && row != null && event.terminal()) {
                end(row, event);
            }
        }
        showProgress();
        return true;
    }

    private void end(JobRow row, ReceivedEvent event) {
        ObjectNode end =
                state.ended(row, event.outcome(), event.text("/data/error/code"), event.text("/data/error/message"));
        inFlight.remove(row.job().jobId());
        count(row, end);
        if (!event.succeeded()) {
            println("Line " + row.line() + ", " + row.job().jobId() + ": " + event.text("/data/error/code") + ": "
                    + event.text("/data/error/message"));
        }
    }

    private void println(String line) {
        // Over the line that shows the progress.
        invocation.err().println((invocation.isInteractive() ? "\r\u001b[K" : "") + Printable.of(line));
    }

    private void showProgress() {
        if (invocation.isInteractive()) {
            invocation
                    .err()
                    .print("\r\u001b[K" + (succeeded + failed) + " of " + rows.size() + ", " + failed + " failed, "
                            + inFlight.size() + " sent and not ended");
        }
    }

    void printSummary(boolean json) {
        if (invocation.isInteractive()) {
            // After the line that shows the progress.
            invocation.err().println();
        }
        if (json) {
            ObjectNode summary = StrictJson.newObject()
                    .put("run", state.runId())
                    .put("rows", rows.size())
                    .put("succeeded", succeeded)
                    .put("failed", failed)
                    .put("sentWithoutResult", inFlight.size())
                    .put("notSent", notEnded() - inFlight.size());
            ArrayNode ends = summary.putArray("failures");
            rows.forEach(row -> {
                ObjectNode failure = failure(row);
                if (failure != null) {
                    ends.add(failure);
                }
            });
            invocation.out().println(StrictJson.writeAscii(summary));
        } else {
            Table table = new Table("LINE", "JOB", "ERROR");
            rows.forEach(row -> {
                ObjectNode failure = failure(row);
                if (failure != null) {
                    table.add(
                            String.valueOf(row.line()),
                            row.job().jobId(),
                            failure.path("code").asString("-"));
                }
            });
            table.print(invocation.out());
            invocation
                    .out()
                    .println(rows.size() + " rows: " + succeeded + " succeeded, " + failed + " failed, "
                            + inFlight.size() + " sent without a result yet, " + (notEnded() - inFlight.size())
                            + " not sent");
            if (notEnded() > 0) {
                invocation.err().println("The same command goes on with the rest.");
            }
        }
    }

    /** @param inTime false if not all results arrived in time */
    int exitCode(boolean inTime) {
        return !inTime ? ExitCode.TIMEOUT : failed == 0 && notEnded() == 0 ? ExitCode.DONE : ExitCode.NOT_DONE;
    }

    private int notEnded() {
        return rows.size() - succeeded - failed;
    }

    private @Nullable ObjectNode failure(JobRow row) {
        ObjectNode end = state.end(row);
        return end == null || end.path("outcome").asString("").equals(OutcomeKind.SUCCEEDED.jsonName()) ? null : end;
    }

    private void interrupted() {
        println(
                "Interrupted. " + inFlight.size()
                        + " jobs were sent and have no result yet; they go on at the worker. The same command goes on with the rest.");
    }

    @Override
    public void close() {
        notice.close();
    }
}
