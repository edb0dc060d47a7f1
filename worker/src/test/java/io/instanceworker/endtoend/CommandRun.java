package io.instanceworker.endtoend;

import io.instanceworker.cli.InstanceCtl;
import io.instanceworker.cli.console.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A command of instancectl that was run in this process, without a terminal. */
record CommandRun(int exitCode, String out, String errors) {

    /** @param settings of the worker, as arguments */
    static CommandRun of(List<String> settings, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int exitCode = InstanceCtl.run(
                List.of(words),
                new Invocation(
                        settings,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(errors, true, StandardCharsets.UTF_8),
                        null));
        return new CommandRun(exitCode, out.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    }
}
