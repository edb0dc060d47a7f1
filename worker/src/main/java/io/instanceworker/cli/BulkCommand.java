package io.instanceworker.cli;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.OutputOptions;
import io.instanceworker.cli.console.Printable;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.messaging.client.Broker;
import io.instanceworker.messaging.client.JobClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "bulk",
        description = {
            "sends a job for each row of a file, and waits for all results",
            "FILE.state remembers what was sent and how it ended: after Ctrl-C the same command goes on."
        })
final class BulkCommand implements Callable<Integer> {

    private static final int NAMES_SHOWN = 5;

    private final Invocation invocation;

    @Parameters(
            paramLabel = "FILE",
            description =
                    "CSV, with columns named operation, database, and as the commands' options without dashes; or a job of the"
                            + " contract as JSON in each line")
    private Path file = Path.of("");

    @Option(names = "--operation", description = "of the rows that name none")
    private @Nullable String operation;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "sends at most N jobs in this run; the next run goes on. ${DEFAULT-VALUE} if not given")
    private int limit;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "10",
            description = "how many jobs are sent and have no result at the same time; ${DEFAULT-VALUE} if not given")
    private int inFlight;

    @Option(names = "--dry-run", description = "checks every row and sends nothing")
    private boolean dryRun;

    @Option(
            names = "--failed",
            paramLabel = "FILE",
            description = "where to write the rows that failed, with the error; it can be fed in again as it is")
    private @Nullable Path failed;

    @Option(names = "--timeout", paramLabel = "TIME", description = "how long to wait for all results, such as 2h")
    private @Nullable String timeout;

    @Option(names = "--yes", description = "does not ask")
    private boolean yes;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    BulkCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Duration limitOfTime = WaitOptions.duration(timeout);
        if (limit < 1 || inFlight < 1) {
            throw new UsageException("--limit and --in-flight are from 1.");
        }
        byte[] content = read();
        JobFile jobs = JobFile.of(new String(content, StandardCharsets.UTF_8), operation, invocation);
        if (dryRun) {
            return dryRun(rows(jobs, HeaderOptions.newId("bulk")));
        }
        // Before the state exists, so that a file with mistakes leaves none.
        rows(jobs, "check");
        requireOtherFile();
        try (BulkState state = new BulkState(stateFile(), content, operation)) {
            List<JobRow> rows = rows(jobs, state.runId());
            List<JobRow> open = rows.stream().filter(state::isOpen).toList();
            if (!isConfirmed(open.stream().limit(limit).toList())) {
                invocation.err().println("Nothing was sent.");
                return ExitCode.NOT_DONE;
            }
            try (FailedRows failures = new FailedRows(jobs, failed);
                    BulkRun run = new BulkRun(invocation, rows, state, failures)) {
                return run(run, open, limitOfTime);
            }
        }
    }

    private int run(BulkRun run, List<JobRow> open, Duration limitOfTime) {
        run.endUncertain();
        boolean inTime = true;
        if (open.isEmpty()) {
            invocation
                    .err()
                    .println(Printable.of("Every row has ended. To run the file anew, remove " + stateFile() + "."));
            run.printSummary(output.json());
        } else {
            try (Broker broker = Broker.with(invocation.settings());
                    JobClient client = new JobClient(broker, InstanceCtl.NAME + " bulk")) {
                try {
                    inTime = run.send(client, limit, inFlight, limitOfTime);
                } finally {
                    // Also if the connection is lost.
                    run.printSummary(output.json());
                }
            }
        }
        return run.exitCode(inTime);
    }

    private byte[] read() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UsageException(
                    "The file " + file + " cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private Path stateFile() {
        return file.resolveSibling(file.getFileName() + ".state");
    }

    private void requireOtherFile() {
        if (failed != null
                && Stream.of(file, stateFile())
                        .map(each -> each.toAbsolutePath().normalize())
                        .anyMatch(failed.toAbsolutePath().normalize()::equals)) {
            throw new UsageException("--failed must not name the file of jobs or its state file.");
        }
    }

    /** @throws UsageException if there is a mistake, after all of them are printed */
    private List<JobRow> rows(JobFile jobs, String runId) {
        List<String> mistakes = new ArrayList<>();
        List<JobRow> rows = jobs.rows(runId, mistakes);
        if (!mistakes.isEmpty()) {
            mistakes.forEach(mistake -> invocation.err().println(Printable.of(mistake)));
            throw new UsageException("Nothing was sent.");
        }
        if (rows.isEmpty()) {
            throw new UsageException("The file has no row.");
        }
        return rows;
    }

    private int dryRun(List<JobRow> rows) {
        Map<String, Long> counts = rows.stream()
                .collect(Collectors.groupingBy(
                        row -> row.job().operation().jsonName(), TreeMap::new, Collectors.counting()));
        if (output.json()) {
            ObjectNode answer = JsonMapper.shared().createObjectNode().put("rows", rows.size());
            answer.set("operations", JsonMapper.shared().valueToTree(counts));
            invocation.out().println(answer);
            return ExitCode.DONE;
        }
        invocation
                .out()
                .println(rows.size() + " rows are right: "
                        + counts.entrySet().stream()
                                .map(each -> each.getValue() + " " + each.getKey())
                                .collect(Collectors.joining(", "))
                        + ". Nothing was sent.");
        return ExitCode.DONE;
    }

    private boolean isConfirmed(List<JobRow> rows) {
        List<String> dangers = new ArrayList<>();
        rows.forEach(row -> {
            String danger = JobCommand.danger(row.job());
            if (danger != null) {
                dangers.add(danger);
            }
        });
        if (dangers.isEmpty() || yes) {
            return true;
        }
        String more = dangers.size() > NAMES_SHOWN ? ", and " + (dangers.size() - NAMES_SHOWN) + " more" : "";
        return invocation.confirms(
                "This " + dangers.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", ")) + more + ".");
    }
}
