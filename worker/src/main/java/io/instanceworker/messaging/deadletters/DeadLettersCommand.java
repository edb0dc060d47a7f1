package io.instanceworker.messaging.deadletters;

import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.messaging.JobHeaders;
import io.instanceworker.messaging.Topology;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code java -jar instance-worker.jar dead-letters}. */
@Command(
        name = "java -jar instance-worker.jar " + DeadLettersCommand.NAME,
        description = "Lists, shows, replays and discards the messages in the dead queue, " + Topology.DEAD
                + ". Finds RabbitMQ by the worker's own settings, which can be arguments too, such as"
                + " --spring.rabbitmq.host=broker.",
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:It is done.",
            "1:A message that was asked for is not there.",
            "2:The command or a setting makes no sense.",
            "3:RabbitMQ cannot be reached or did not take a message, which then stays where it is."
        })
public final class DeadLettersCommand {

    static final String NAME = "dead-letters";

    private static final int DONE = 0;
    private static final int NOT_THERE = 1;
    private static final int USAGE = 2;
    private static final int BROKER = 3;

    /** A setting of the worker, such as {@code --spring.rabbitmq.host=broker}. No option of the command has a dot. */
    private static final Predicate<String> SETTING =
            Pattern.compile("--[\\w-]+\\.[^=]+=.*", Pattern.DOTALL).asMatchPredicate();

    private final List<String> settings;
    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "this")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    private DeadLettersCommand(List<String> settings, PrintStream out, PrintStream err) {
        this.settings = settings;
        this.out = out;
        this.err = err;
    }

    /** @return the exit code of the process */
    public static int run(List<String> words) {
        // Always UTF-8, for any encoding of the terminal, so that a body is shown unchanged.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        return run(words, out, err);
    }

    static int run(List<String> words, PrintStream out, PrintStream err) {
        List<String> settings = words.stream().filter(SETTING).toList();
        DeadLettersCommand command = new DeadLettersCommand(settings, out, err);
        if (!NAME.equals(words.get(0))) {
            return command.failed(USAGE, "There is no command " + words.get(0) + "; there is " + NAME + ".");
        }
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, arguments) -> command.failed(USAGE, e.getMessage()))
                .setExecutionExceptionHandler((e, line, result) -> command.failed(e))
                // The id of a job may look like an option.
                .setAllowOptionsAsOptionParameters(true)
                .execute(words.stream().skip(1).filter(SETTING.negate()).toArray(String[]::new));
    }

    private int failed(Exception e) throws Exception {
        if (e instanceof UsageException) {
            return failed(USAGE, e.getMessage());
        }
        if (e instanceof BrokerException) {
            err.println(FullReport.escaped(String.valueOf(e.getMessage())));
            return BROKER;
        }
        throw e;
    }

    private int failed(int exitCode, @Nullable String message) {
        err.println(FullReport.escaped(String.valueOf(message)));
        err.println("See " + NAME + " --help.");
        return exitCode;
    }

    @Command(description = "lists the messages; all of them, if nothing is selected")
    int list(@Mixin Options options) {
        Selection selection = options.selection();
        return run(
                selection == null ? Selection.ALL : selection,
                options.json ? new JsonReport(out, false) : new TableReport(out),
                (queue, letter) -> {});
    }

    @Command(description = "shows all that is known of a message, and its body")
    int show(@Mixin Options options) {
        return run(
                required(options),
                options.json ? new JsonReport(out, true) : new FullReport(out),
                (queue, letter) -> {});
    }

    @Command(description = "sends a message back to " + Topology.JOBS + "; its job has all its attempts again")
    int replay(@Mixin Options options) {
        return run(required(options), report(options, "Replayed "), DeadLetterQueue::replay);
    }

    @Command(description = "removes a message for good")
    int discard(@Mixin Options options, @Option(names = "--yes", description = "needed by discard --all") boolean yes) {
        Selection selection = required(options);
        if (selection.equals(Selection.ALL) && !yes) {
            throw new UsageException("discard --all removes every message for good; add --yes if that is meant.");
        }
        return run(selection, report(options, "Discarded "), DeadLetterQueue::discard);
    }

    private static Selection required(Options options) {
        Selection selection = options.selection();
        if (selection == null) {
            throw new UsageException("Which messages? Give ids as list shows them, --job-id, --error-code or --all.");
        }
        return selection;
    }

    private Report report(Options options, String done) {
        return options.json ? new JsonReport(out, false) : letter -> out.println(done + name(letter));
    }

    private static String name(DeadLetter letter) {
        String jobId = letter.header(JobHeaders.JOB_ID);
        return letter.id() + (jobId == null ? ", which names no job" : ", job " + Excerpt.of(jobId));
    }

    private int run(Selection selection, Report report, BiConsumer<DeadLetterQueue, DeadLetter> action) {
        Set<String> missing = new TreeSet<>(selection.values());
        int[] count = {0};
        try (Broker broker = Broker.with(settings);
                DeadLetterQueue queue = broker.deadLetters();
                report) {
            queue.forEach(letter -> {
                if (selection.matches(letter)) {
                    count[0]++;
                    missing.remove(String.valueOf(selection.valueOf(letter)));
                    action.accept(queue, letter);
                    report.add(letter);
                }
            });
        }
        if (count[0] == 0) {
            err.println("No such message is in " + Topology.DEAD + ".");
        } else {
            missing.forEach(value -> err.println("Not in " + Topology.DEAD + ": " + FullReport.escaped(value)));
        }
        return count[0] > 0 && missing.isEmpty() ? DONE : NOT_THERE;
    }
}
