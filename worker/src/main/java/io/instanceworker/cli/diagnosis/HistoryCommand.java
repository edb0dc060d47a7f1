package io.instanceworker.cli.diagnosis;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.JsonArray;
import io.instanceworker.cli.console.OutputOptions;
import io.instanceworker.cli.console.Printable;
import io.instanceworker.cli.console.Table;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.journal.HistoryEntry;
import io.instanceworker.journal.Journal;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Servers;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code instancectl history}. */
@Command(
        name = "history",
        description = {
            "shows what jobs did to a database, out of the journal on its server; the newest is the last",
            "Finds the server by the worker's own settings, and logs in as the worker does."
        })
public final class HistoryCommand implements Callable<Integer> {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Invocation invocation;

    @Parameters(paramLabel = "DATABASE", description = "the database's name")
    private String database = "";

    @Option(
            names = "--server",
            paramLabel = "SERVER",
            description = "the name of a configured server; the default server if not given")
    private @Nullable String server;

    @Option(
            names = "--last",
            paramLabel = "NUMBER",
            defaultValue = "50",
            description = "how many jobs at most; ${DEFAULT-VALUE} if not given")
    private int last;

    @Mixin
    private OutputOptions output = new OutputOptions();

    public HistoryCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        List<HistoryEntry> entries;
        try {
            entries = read();
        } catch (ProvisioningException e) {
            invocation.err().println(Printable.of(String.valueOf(e.getMessage())));
            return ExitCode.BROKER;
        }
        if (output.json()) {
            JsonArray.print(
                    invocation.out(), entries.stream().map(HistoryCommand::json).toList());
        } else {
            print(entries);
        }
        if (entries.isEmpty()) {
            invocation.err().println("No job is known for the database " + Printable.of(database) + ".");
        }
        return entries.isEmpty() ? ExitCode.NOT_DONE : ExitCode.DONE;
    }

    private List<HistoryEntry> read() {
        try (WorkerSettings settings = new WorkerSettings(invocation.settings());
                Servers servers = settings.servers()) {
            Server chosen = servers.named(server);
            Journal journal = chosen.journal().orElse(null);
            if (journal == null) {
                invocation.err().println("The server " + chosen.name() + " has no journal.");
                return List.of();
            }
            String key = chosen.provisioner().nameRules().canonical(database);
            List<HistoryEntry> entries = new ArrayList<>(journal.history(key, last));
            Collections.reverse(entries);
            return entries;
        }
    }

    private void print(List<HistoryEntry> entries) {
        Table table = new Table(
                "RECEIVED (UTC)",
                "OPERATION",
                "FROM",
                "OUTCOME",
                "ERROR",
                "ATTEMPT",
                "ENDED (UTC)",
                "REQUESTED BY",
                "JOB");
        for (HistoryEntry entry : entries) {
            table.add(
                    SECONDS.format(entry.receivedAt()),
                    entry.operation(),
                    entry.source() == null ? entry.template() : entry.source(),
                    outcome(entry),
                    entry.outcome() == null ? entry.lastError() : entry.errorCode(),
                    String.valueOf(entry.attempt()),
                    entry.endedAt() == null ? null : SECONDS.format(entry.endedAt()),
                    entry.requestedBy(),
                    entry.jobId());
        }
        table.print(invocation.out());
    }

    private static String outcome(HistoryEntry entry) {
        return entry.outcome() != null ? entry.outcome() : entry.running() ? "(running)" : "(waiting)";
    }

    private static ObjectNode json(HistoryEntry entry) {
        return StrictJson.newObject()
                .put("runId", entry.runId())
                .put("jobId", entry.jobId())
                .put("operation", entry.operation())
                .put("instanceId", entry.instanceId())
                .put("tenant", entry.tenant())
                .put("source", entry.source())
                .put("template", entry.template())
                .put("requestedBy", entry.requestedBy())
                .put("worker", entry.worker())
                .put("receivedAt", text(entry.receivedAt()))
                .put("attempt", entry.attempt())
                .put("crashes", entry.crashes())
                .put("lastError", entry.lastError())
                .put("nextAttemptAt", text(entry.nextAttemptAt()))
                .put("running", entry.running())
                .put("outcome", entry.outcome())
                .put("errorCode", entry.errorCode())
                .put("deadLettered", entry.deadLettered())
                .put("endedAt", text(entry.endedAt()));
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
