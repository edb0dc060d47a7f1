package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.contracts.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "delete",
        description = "drops the database of an instance; needs the same --id and --tenant as the add")
final class DeleteCommand extends JobCommand {

    @Mixin
    private final InstanceOptions instance = new InstanceOptions();

    @Option(names = "--yes", description = "does not ask")
    private boolean yes;

    @Option(
            names = "--allow-unmanaged",
            description = "also if the database has no ownership mark, where the server's settings allow it")
    private boolean allowUnmanaged;

    DeleteCommand(Invocation invocation) {
        super(Operation.DELETE, invocation);
    }

    @Override
    void putInto(ObjectNode message) {
        instance.putInto(message);
        message.put("allowUnmanaged", allowUnmanaged);
    }

    @Override
    boolean isConfirmed() {
        return yes;
    }
}
