package io.instanceworker.cli.diagnosis;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.JsonArray;
import io.instanceworker.cli.console.OutputOptions;
import io.instanceworker.cli.console.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

/** The commands {@code instancectl pause} and {@code instancectl resume}. */
@Command
public abstract sealed class ConsumptionCommand implements Callable<Integer> {

    /** The command {@code instancectl pause}. */
    @Command(
            name = "pause",
            description =
                    "lets workers receive no more jobs; those that are running go on to their end, and then the state is"
                            + " paused instead of pausing")
    public static final class Pause extends ConsumptionCommand {
        public Pause(Invocation invocation) {
            super(invocation, "pause");
        }
    }

    /** The command {@code instancectl resume}. */
    @Command(name = "resume", description = "lets workers receive jobs again")
    public static final class Resume extends ConsumptionCommand {
        public Resume(Invocation invocation) {
            super(invocation, "resume");
        }
    }

    private final Invocation invocation;
    private final String action;

    @Mixin
    private WorkerOptions workers = new WorkerOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    private ConsumptionCommand(Invocation invocation, String action) {
        this.invocation = invocation;
        this.action = action;
    }

    @Override
    public Integer call() {
        List<ObjectNode> answers = new ArrayList<>();
        int exitCode = new WorkerClient(invocation, workers)
                .ask(
                        "POST",
                        "consumption/" + action,
                        (worker, answer) -> answers.add(answer.put("url", worker.toString())));
        if (output.json()) {
            JsonArray.print(invocation.out(), answers);
        } else {
            Table table = new Table("WORKER", "STATE");
            answers.forEach(answer -> table.add(
                    answer.path("url").asString(null), answer.path("state").asString(null)));
            table.print(invocation.out());
        }
        return exitCode;
    }
}
