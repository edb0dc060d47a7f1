package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.contracts.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

@Command(name = "info", description = "shows what the server knows of a database")
final class InfoCommand extends JobCommand {

    @Mixin
    private final InstanceOptions instance = new InstanceOptions();

    InfoCommand(Invocation invocation) {
        super(Operation.INFO, invocation);
    }

    @Override
    void putInto(ObjectNode message) {
        instance.putInto(message);
    }
}
