package io.instanceworker.messaging.deadletters;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.Printable;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.messaging.JobHeaders;
import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.client.Broker;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code instancectl dead}. */
@Command(
        name = "dead",
        // Its name in earlier versions.
        aliases = "dead-letters",
        description = "lists, shows, replays and discards the messages in the dead queue, " + Topology.DEAD,
        synopsisSubcommandLabel = "COMMAND")
public final class DeadLettersCommand {

    private final List<String> settings;
    private final PrintStream out;
    private final PrintStream err;

    public DeadLettersCommand(Invocation invocation) {
        settings = invocation.settings();
        out = invocation.out();
        err = invocation.err();
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
                DeadLetterQueue queue = new DeadLetterQueue(broker.connect("instancectl dead"));
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
            missing.forEach(value -> err.println("Not in " + Topology.DEAD + ": " + Printable.of(value)));
        }
        return count[0] > 0 && missing.isEmpty() ? ExitCode.DONE : ExitCode.NOT_DONE;
    }
}
