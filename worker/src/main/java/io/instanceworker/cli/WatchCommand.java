package io.instanceworker.cli;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.OutputOptions;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.client.Broker;
import io.instanceworker.messaging.client.JobClient;
import io.instanceworker.messaging.client.ReceivedEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "watch",
        description =
                "shows the events of all jobs as they are published, until Ctrl-C; takes nothing from other recipients")
final class WatchCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(names = "--operation", description = "only this operation, such as Copy; may be repeated")
    private List<String> operations = new ArrayList<>();

    @Option(names = "--outcome", description = "only this outcome, such as Error; may be repeated")
    private List<String> outcomes = new ArrayList<>();

    @Option(names = "--server", description = "only this server")
    private @Nullable String server;

    @Option(names = "--database", description = "only this database")
    private @Nullable String database;

    @Option(names = "--tenant", description = "only this tenant")
    private @Nullable String tenant;

    @Option(names = "--count", paramLabel = "N", description = "ends after N events")
    private int count = Integer.MAX_VALUE;

    @Option(names = "--timeout", paramLabel = "TIME", description = "ends after this time, such as 10m")
    private @Nullable String timeout;

    WatchCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        List<String> keys = routingKeys();
        Duration limit = WaitOptions.duration(timeout);
        try (Broker broker = Broker.with(invocation.settings());
                JobClient client = new JobClient(broker, InstanceCtl.NAME + " watch")) {
            client.listen(keys);
            invocation.err().println("Watching " + Topology.EVENTS + ". Ctrl-C ends it.");
            long end = System.nanoTime() + limit.toNanos();
            int shown = 0;
            for (long left = limit.toNanos(); left > 0; left = end - System.nanoTime()) {
                ReceivedEvent event = client.next(Duration.ofNanos(left));
                if (event != null && matches(event)) {
                    invocation
                            .out()
                            .println(output.json() ? StrictJson.writeAscii(event.json()) : EventPrinter.line(event));
                    shown++;
                }
                if (shown == count) {
                    return ExitCode.DONE;
                }
            }
            return ExitCode.TIMEOUT;
        }
    }

    /** {@code status.<operation>.<outcome>} in lower case. */
    private List<String> routingKeys() {
        List<String> keys = new ArrayList<>();
        for (String operation : operations.isEmpty()
                ? List.of("*")
                : operations.stream().map(WatchCommand::operation).toList()) {
            for (String outcome : outcomes.isEmpty()
                    ? List.of("*")
                    : outcomes.stream().map(WatchCommand::outcome).toList()) {
                keys.add("status." + operation + "." + outcome);
            }
        }
        return keys;
    }

    private static String operation(String name) {
        return Operation.named(name)
                .orElseThrow(() -> new UsageException("There is no operation " + name + "."))
                .lowerCaseName();
    }

    private static String outcome(String name) {
        for (OutcomeKind outcome : OutcomeKind.values()) {
            if (outcome.jsonName().equalsIgnoreCase(name)) {
                return outcome.lowerCaseName();
            }
        }
        throw new UsageException("There is no outcome " + name + ".");
    }

    private boolean matches(ReceivedEvent event) {
        return isSame(server, event.text("/data/server"))
                && isSame(database, event.text("/data/instance/databaseName"))
                && isSame(tenant, event.text("/data/instance/tenant"));
    }

    private static boolean isSame(@Nullable String wanted, @Nullable String found) {
        return wanted == null || wanted.equalsIgnoreCase(found);
    }
}
