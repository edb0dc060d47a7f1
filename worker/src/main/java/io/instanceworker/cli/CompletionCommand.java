package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "generate-completion",
        description = {
            "prints a script with which bash and zsh complete the commands and options",
            "In a shell: source <(instancectl generate-completion)"
        })
final class CompletionCommand implements Runnable {

    private final Invocation invocation;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    CompletionCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        invocation.out().print(AutoComplete.bash(InstanceCtl.NAME, spec.root().commandLine()));
    }
}
