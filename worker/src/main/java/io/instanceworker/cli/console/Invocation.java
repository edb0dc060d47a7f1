package io.instanceworker.cli.console;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One call of the command line.
 *
 * @param settings the worker's settings among the arguments, such as {@code --spring.rabbitmq.host=broker}
 * @param prompt asks the person at the terminal a question and returns the answer; null if there is no terminal
 */
public record Invocation(
        List<String> settings,
        PrintStream out,
        PrintStream err,
        @Nullable UnaryOperator<String> prompt) {

    private static final Set<String> YES = Set.of("y", "yes");

    /** Writes to the process's own output, always in UTF-8, for any encoding of the terminal. */
    public static Invocation ofProcess(List<String> settings) {
        Console console = terminal();
        return new Invocation(
                settings,
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                console == null ? null : question -> String.valueOf(console.readLine("%s", question)));
    }

    /** Null if input or output is not a terminal. From JDK 22 on there may be a console without a terminal. */
    @SuppressWarnings("SystemConsoleNull")
    private static @Nullable Console terminal() {
        Console console = System.console();
        try {
            return console != null
                            && (boolean) Console.class.getMethod("isTerminal").invoke(console)
                    ? console
                    : null;
        } catch (ReflectiveOperationException e) {
            return console;
        }
    }

    /** Whether a person sits at a terminal, so that progress is shown and questions can be asked. */
    public boolean isInteractive() {
        return prompt != null;
    }

    /**
     * Asks the person at the terminal.
     *
     * @param what what will be done, as a sentence
     * @return whether the answer is yes
     * @throws UsageException if there is no terminal
     */
    public boolean confirms(String what) {
        if (prompt == null) {
            throw new UsageException(what + " Add --yes if that is meant.");
        }
        return YES.contains(
                prompt.apply(Printable.of(what) + " Go on? [y/N] ").strip().toLowerCase(Locale.ROOT));
    }
}
