package io.instanceworker.messaging.deadletters;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.Printable;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.client.Broker;
import io.instanceworker.messaging.deadletters.DeadLetterQueue.Action;
import io.instanceworker.messaging.deadletters.Selection.Kind;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code instancectl dead}. */
@Command(
        name = "dead",
        // Its name in earlier versions.
        aliases = "dead-letters",
        description = {
            "lists, counts, shows, replays and discards the messages in the dead queue, " + Topology.DEAD,
            "Every option that selects messages may be repeated. A message is selected if it has one of the values of each"
                    + " option."
        },
        synopsisSubcommandLabel = "COMMAND")
public final class DeadLettersCommand {

    private static final String DRY_RUN = "only say what would be done";

    private final Invocation invocation;
    private final PrintStream out;
    private final PrintStream err;

    public DeadLettersCommand(Invocation invocation) {
        this.invocation = invocation;
        this.out = invocation.out();
        this.err = invocation.err();
    }

    @Command(description = "lists the messages; all of them, if nothing is selected")
    int list(@Mixin Options options) {
        return run(orAll(options), Action.READ, options.json() ? new JsonReport(out, false) : new TableReport(out));
    }

    @Command(description = "counts the messages by error code, operation and server")
    int count(@Mixin Options options) {
        run(orAll(options), Action.READ, new CountReport(out, options.json()));
        return ExitCode.DONE;
    }

    @Command(description = "shows all that is known of a message, and its body")
    int show(@Mixin Options options) {
        return run(required(options), Action.READ, options.json() ? new JsonReport(out, true) : new FullReport(out));
    }

    @Command(description = "sends a message back to " + Topology.JOBS + "; its job has all its attempts again")
    int replay(@Mixin Options options, @Option(names = "--dry-run", description = DRY_RUN) boolean dryRun) {
        return dryRun
                ? run(required(options), Action.READ, report(options, "Would replay "))
                : run(required(options), Action.REPLAY, report(options, "Replayed "));
    }

    @Command(description = "removes a message for good")
    int discard(
            @Mixin Options options,
            @Option(names = "--dry-run", description = DRY_RUN) boolean dryRun,
            @Option(names = "--yes", description = "do not ask; needed without a terminal") boolean yes) {
        Selection selection = required(options);
        if (dryRun) {
            return run(selection, Action.READ, report(options, "Would discard "));
        }
        String what = selection.equals(Selection.ALL) ? "every message" : "the selected messages";
        if (!yes && !invocation.confirms("This removes " + what + " for good.")) {
            return ExitCode.NOT_DONE;
        }
        return run(selection, Action.DISCARD, report(options, "Discarded "));
    }

    private static Selection orAll(Options options) {
        Selection selection = options.selection();
        return selection == null ? Selection.ALL : selection;
    }

    private static Selection required(Options options) {
        Selection selection = options.selection();
        if (selection == null) {
            throw new UsageException("Which messages? Give ids as list shows them, --job-id, --code, --operation,"
                    + " --server, --database, --since or --all.");
        }
        return selection;
    }

    private Report report(Options options, String done) {
        return options.json() ? new JsonReport(out, false) : letter -> out.println(done + name(letter));
    }

    private static String name(DeadLetter letter) {
        String jobId = letter.jobId();
        return letter.id() + (jobId == null ? ", which names no job" : ", job " + Excerpt.of(jobId));
    }

    private int run(Selection selection, Action action, Report report) {
        Map<Kind, NavigableSet<String>> missing = new EnumMap<>(Kind.class);
        selection.values().forEach((kind, values) -> missing.put(kind, new TreeSet<>(values)));
        int[] count = {0};
        try (Broker broker = Broker.with(invocation.settings());
                DeadLetterQueue queue = new DeadLetterQueue(broker.connect("instancectl dead"), broker.username());
                report) {
            queue.forEach(selection::matches, action, letter -> {
                count[0]++;
                missing.forEach((kind, values) -> values.remove(String.valueOf(kind.of(letter))));
                report.add(letter);
            });
        }
        List<String> absent =
                missing.values().stream().flatMap(NavigableSet::stream).toList();
        if (count[0] == 0) {
            err.println("No such message is in " + Topology.DEAD + ".");
        } else {
            absent.forEach(value -> err.println("Not in " + Topology.DEAD + ": " + Printable.of(value)));
        }
        return count[0] > 0 && absent.isEmpty() ? ExitCode.DONE : ExitCode.NOT_DONE;
    }
}
