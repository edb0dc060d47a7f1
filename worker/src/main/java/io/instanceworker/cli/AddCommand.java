package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.contracts.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

@Command(name = "add", description = "creates a database for an instance")
final class AddCommand extends JobCommand {

    @Mixin
    private final InstanceOptions instance = new InstanceOptions();

    AddCommand(Invocation invocation) {
        super(Operation.ADD, invocation);
    }

    @Override
    void putInto(ObjectNode message) {
        instance.putInto(message);
    }
}
