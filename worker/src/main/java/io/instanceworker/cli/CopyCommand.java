package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

@Command(name = "copy", description = "creates a database for an instance as a copy of another database")
final class CopyCommand extends JobCommand {

    @Mixin
    private final InstanceOptions instance = new InstanceOptions();

    @Option(
            names = "--source",
            paramLabel = "DATABASE",
            description = "a managed database of the same server, or one of its templates")
    private @Nullable String source;

    @Option(
            names = "--when-source-busy",
            paramLabel = "HOW",
            description = "wait: retry until the deadline, as if not given. disconnect: end the sessions on the source")
    private @Nullable String whenSourceBusy;

    @Option(names = "--yes", description = "does not ask")
    private boolean yes;

    CopyCommand(Invocation invocation) {
        super(Operation.COPY, invocation);
    }

    @Override
    void putInto(ObjectNode message) {
        instance.putInto(message);
        message.putObject("source").put("databaseName", source);
        message.put("whenSourceBusy", whenSourceBusy);
    }

    @Override
    boolean isConfirmed() {
        return yes;
    }
}
