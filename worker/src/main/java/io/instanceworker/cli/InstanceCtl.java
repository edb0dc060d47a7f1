package io.instanceworker.cli;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.Printable;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.cli.diagnosis.ConsumptionCommand;
import io.instanceworker.cli.diagnosis.DoctorCommand;
import io.instanceworker.cli.diagnosis.HistoryCommand;
import io.instanceworker.cli.diagnosis.RunningCommand;
import io.instanceworker.messaging.client.BrokerException;
import io.instanceworker.messaging.deadletters.DeadLettersCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line {@code instancectl}, which is in the worker's jar. */
@Command(
        name = InstanceCtl.NAME,
        description = {
            "Sends jobs to Instance Worker and shows their results.",
            "Finds RabbitMQ by the worker's own settings: the environment, files, and arguments such as"
                    + " --spring.rabbitmq.host=broker."
        },
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            ExitCode.DONE + ":It is done.",
            ExitCode.NOT_DONE
                    + ":What was asked for is not there, a job has failed, bulk has not sent all rows because of"
                    + " --limit, or the answer to a question was no.",
            ExitCode.USAGE + ":The command or a setting makes no sense.",
            ExitCode.BROKER + ":RabbitMQ cannot be reached, or did not take a message.",
            ExitCode.TIMEOUT + ":The time that --timeout gives is over.",
            "130:Ctrl-C. What was sent goes on at the worker.",
            "143:SIGTERM. The same."
        })
public final class InstanceCtl {

    static final String NAME = "instancectl";

    /** A setting of the worker, such as {@code --spring.rabbitmq.host=broker}. No option of a command has a dot. */
    private static final Predicate<String> SETTING =
            Pattern.compile("--[\\w-]+\\.[^=]+=.*", Pattern.DOTALL).asMatchPredicate();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "this")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    private InstanceCtl() {}

    /**
     * @param words the arguments of the process; the first may be the name of this command line
     * @return the exit code of the process
     */
    public static int run(List<String> words) {
        return run(words, Invocation.ofProcess(words.stream().filter(SETTING).toList()));
    }

    /** As {@link #run(List)}, for tests in this process. */
    public static int run(List<String> words, Invocation invocation) {
        return commandLine(invocation).execute(arguments(words));
    }

    /** Without the name of this command line, and without the worker's settings. */
    static String[] arguments(List<String> words) {
        return words.stream()
                .skip(!words.isEmpty() && words.get(0).equals(NAME) ? 1 : 0)
                .filter(SETTING.negate())
                .toArray(String[]::new);
    }

    /** The commands that send one job. */
    static List<JobCommand> jobCommands(Invocation invocation) {
        return List.of(
                new InstanceCommand.Add(invocation),
                new CopyCommand(invocation),
                new DeleteCommand(invocation),
                new InstanceCommand.Adopt(invocation),
                new InstanceCommand.Restore(invocation),
                new InstanceCommand.Info(invocation),
                new StatusCommand(invocation));
    }

    static CommandLine commandLine(Invocation invocation) {
        CommandLine line = new CommandLine(new InstanceCtl());
        jobCommands(invocation).forEach(line::addSubcommand);
        return line.addSubcommand(new CommandLine(new TrashCommand()).addSubcommand(new TrashCommand.List(invocation)))
                .addSubcommand(new BulkCommand(invocation))
                .addSubcommand(new WatchCommand(invocation))
                .addSubcommand(new DeadLettersCommand(invocation))
                .addSubcommand(new RunningCommand(invocation))
                .addSubcommand(new ConsumptionCommand.Pause(invocation))
                .addSubcommand(new ConsumptionCommand.Resume(invocation))
                .addSubcommand(new HistoryCommand(invocation))
                .addSubcommand(new DoctorCommand(invocation))
                .addSubcommand(new CompletionCommand(invocation))
                .setOut(new PrintWriter(invocation.out(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, arguments) -> wrong(invocation, e.getCommandLine(), e.getMessage()))
                .setExecutionExceptionHandler((e, command, result) -> failed(invocation, command, e))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                // The id of a job may look like an option.
                .setAllowOptionsAsOptionParameters(true);
    }

    private static int failed(Invocation invocation, CommandLine line, Exception e) throws Exception {
        if (e instanceof UsageException) {
            return wrong(invocation, line, e.getMessage());
        }
        if (e instanceof BrokerException) {
            invocation.err().println(Printable.of(String.valueOf(e.getMessage())));
            return ExitCode.BROKER;
        }
        throw e;
    }

    private static int wrong(Invocation invocation, CommandLine line, @Nullable String message) {
        invocation.err().println(Printable.of(String.valueOf(message)));
        invocation.err().println("See " + line.getCommandSpec().qualifiedName() + " --help.");
        return ExitCode.USAGE;
    }
}
