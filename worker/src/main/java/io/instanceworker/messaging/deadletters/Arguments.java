package io.instanceworker.messaging.deadletters;

import io.instanceworker.messaging.deadletters.Selection.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the command is asked for.
 *
 * @param settings Spring Boot's, such as {@code --spring.rabbitmq.host=broker}
 */
record Arguments(Action action, Selection selection, boolean json, List<String> settings) {

    enum Action {
        HELP,
        LIST,
        SHOW,
        REPLAY,
        DISCARD
    }

    static final String COMMAND = "dead-letters";

    static final String USAGE = """
            Usage: java -jar instance-worker.jar dead-letters COMMAND [SELECTION] [OPTION]...

            Deals with the messages in the dead queue, instance.jobs.dead. Finds RabbitMQ by the worker's own settings.

              list      shows which there are; all of them, if nothing is selected
              show      shows all that is known of a message, and its body
              replay    sends a message back to instance.jobs; its job has all its attempts again
              discard   removes a message for good

            SELECTION is one of
              ID...               the messages with these ids; list shows them
              --job-id JOB        the messages of this job; may be repeated
              --error-code CODE   the messages that died of this; may be repeated
              --all               every message

            OPTION
              --json              the answer as a JSON array, for programs
              --yes               needed by discard --all
              --NAME=VALUE        a setting, such as --spring.rabbitmq.host=broker
              --help              this

            Ends with 0 when it is done, 1 when a message that was asked for is not there, 2 when the command or a setting
            makes no sense, 3 when RabbitMQ cannot be reached or did not take a message, which then stays where it is.
            """;

    private static final Pattern SETTING = Pattern.compile("--[\\w-]+\\.[^=]+=.*", Pattern.DOTALL);
    private static final Pattern ID = Pattern.compile("[0-9a-f]{12}");

    Arguments {
        settings = List.copyOf(settings);
    }

    /** @throws UsageException if that makes no sense */
    static Arguments parse(List<String> arguments) {
        return new Parser(arguments).parse();
    }

    private static final class Parser {

        private final Deque<String> rest;
        private final Set<String> values = new HashSet<>();
        private final List<String> settings = new ArrayList<>();
        private @Nullable Action action;
        private @Nullable Kind kind;
        private boolean json;
        private boolean yes;

        Parser(List<String> arguments) {
            rest = new ArrayDeque<>(arguments);
        }

        Arguments parse() {
            String command = rest.poll();
            if (!COMMAND.equals(command)) {
                throw new UsageException("There is no command " + command + "; there is " + COMMAND + ".");
            }
            while (!rest.isEmpty()) {
                take(rest.remove());
            }
            if (action == null) {
                throw new UsageException("What is to be done? One of list, show, replay and discard.");
            }
            return new Arguments(action, selection(action), json, settings);
        }

        private void take(String argument) {
            switch (argument) {
                case "--help", "-h" -> {
                    rest.clear();
                    action = Action.HELP;
                    kind = Kind.ALL;
                }
                case "--all" -> select(Kind.ALL, argument);
                case "--job-id" -> select(Kind.JOB_ID, valueOf(argument));
                case "--error-code" -> select(Kind.ERROR_CODE, valueOf(argument));
                case "--json" -> json = true;
                case "--yes" -> yes = true;
                default -> takeWord(argument);
            }
        }

        private void takeWord(String argument) {
            if (SETTING.matcher(argument).matches()) {
                settings.add(argument);
            } else if (argument.startsWith("-")) {
                throw new UsageException("There is no option " + argument + ".");
            } else if (action == null) {
                action = action(argument);
            } else if (ID.matcher(argument).matches()) {
                select(Kind.ID, argument);
            } else {
                throw new UsageException(argument + " is no id, which has 12 digits, as list shows it."
                        + " For the id of a job there is --job-id.");
            }
        }

        private static Action action(String word) {
            return switch (word) {
                case "list", "show", "replay", "discard" -> Action.valueOf(word.toUpperCase(Locale.ROOT));
                default ->
                    throw new UsageException("There is no " + word + "; there are list, show, replay and discard.");
            };
        }

        private String valueOf(String option) {
            String value = rest.poll();
            if (value == null) {
                throw new UsageException(option + " needs a value.");
            }
            return value;
        }

        private void select(Kind selected, String value) {
            if (kind != null && kind != selected) {
                throw new UsageException("Only one of ids, --job-id, --error-code and --all can be given.");
            }
            kind = selected;
            values.add(value);
        }

        private Selection selection(Action wanted) {
            if (kind == null && wanted != Action.LIST) {
                throw new UsageException(
                        "Which messages? Give ids as list shows them, --job-id, --error-code or --all.");
            }
            if (wanted == Action.DISCARD && kind == Kind.ALL && !yes) {
                throw new UsageException("discard --all removes every message for good; add --yes if that is meant.");
            }
            return kind == null || kind == Kind.ALL ? new Selection(Kind.ALL, Set.of()) : new Selection(kind, values);
        }
    }
}
