package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.contracts.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

/** A command whose job needs nothing but the instance. */
abstract class InstanceCommand extends JobCommand {

    @Mixin
    private final InstanceOptions instance = new InstanceOptions();

    private InstanceCommand(Operation operation, Invocation invocation) {
        super(operation, invocation);
    }

    @Override
    void putInto(ObjectNode message) {
        instance.putInto(message);
    }

    @Command(name = "add", description = "creates a database for an instance")
    static final class Add extends InstanceCommand {
        Add(Invocation invocation) {
            super(Operation.ADD, invocation);
        }
    }

    @Command(
            name = "adopt",
            description = "makes a database that is there an instance's; changes nothing but its ownership mark")
    static final class Adopt extends InstanceCommand {
        Adopt(Invocation invocation) {
            super(Operation.ADOPT, invocation);
        }
    }

    @Command(
            name = "restore",
            description =
                    "brings a deleted database back out of the trash; needs the same --id and --tenant as the delete")
    static final class Restore extends InstanceCommand {
        Restore(Invocation invocation) {
            super(Operation.RESTORE, invocation);
        }
    }

    @Command(name = "info", description = "shows what the server knows of an instance's database")
    static final class Info extends InstanceCommand {
        Info(Invocation invocation) {
            super(Operation.INFO, invocation);
        }
    }
}
