package io.instanceworker.messaging.deadletters;

import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.messaging.JobHeaders;
import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.deadletters.Arguments.Action;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** {@code java -jar instance-worker.jar dead-letters}: see {@link Arguments#USAGE}. */
public final class DeadLettersCommand {

    private static final int DONE = 0;
    private static final int NOT_THERE = 1;
    private static final int USAGE = 2;
    private static final int BROKER = 3;

    private final Arguments arguments;
    private final PrintStream out;
    private final PrintStream err;

    private DeadLettersCommand(Arguments arguments, PrintStream out, PrintStream err) {
        this.arguments = arguments;
        this.out = out;
        this.err = err;
    }

    /** @return what the process ends with */
    public static int run(List<String> words) {
        // Whatever the terminal's own, so that a body is shown as it is.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        try {
            return new DeadLettersCommand(Arguments.parse(words), out, err).run();
        } catch (UsageException e) {
            err.println(FullReport.escaped(String.valueOf(e.getMessage())));
            err.println("See dead-letters --help.");
            return USAGE;
        } catch (BrokerException e) {
            err.println(FullReport.escaped(String.valueOf(e.getMessage())));
            return BROKER;
        }
    }

    private int run() {
        if (arguments.action() == Action.HELP) {
            out.print(Arguments.USAGE);
            return DONE;
        }
        try (Broker broker = Broker.with(arguments.settings());
                DeadLetterQueue queue = broker.deadLetters()) {
            Report report = report();
            try {
                return run(queue, report);
            } finally {
                report.end();
            }
        }
    }

    private int run(DeadLetterQueue queue, Report report) {
        Selection selection = arguments.selection();
        Set<String> missing = new TreeSet<>(selection.values());
        int[] count = {0};
        queue.forEach(letter -> {
            if (selection.matches(letter)) {
                count[0]++;
                missing.remove(String.valueOf(selection.valueOf(letter)));
                act(queue, letter);
                report.add(letter);
            }
        });
        if (count[0] == 0) {
            err.println("No such message is in " + Topology.DEAD + ".");
        } else {
            missing.forEach(value -> err.println("Not in " + Topology.DEAD + ": " + FullReport.escaped(value)));
        }
        return count[0] > 0 && missing.isEmpty() ? DONE : NOT_THERE;
    }

    private void act(DeadLetterQueue queue, DeadLetter letter) {
        switch (arguments.action()) {
            case REPLAY -> queue.replay(letter);
            case DISCARD -> queue.discard(letter);
            case LIST, SHOW, HELP -> {}
        }
    }

    private Report report() {
        if (arguments.json()) {
            return new JsonReport(out, arguments.action() == Action.SHOW);
        }
        return switch (arguments.action()) {
            case SHOW -> new FullReport(out);
            case REPLAY -> letter -> out.println("Replayed " + name(letter));
            case DISCARD -> letter -> out.println("Discarded " + name(letter));
            case LIST, HELP -> new TableReport(out);
        };
    }

    private static String name(DeadLetter letter) {
        String jobId = letter.header(JobHeaders.JOB_ID);
        return letter.id() + (jobId == null ? ", which names no job" : ", job " + Excerpt.of(jobId));
    }
}
