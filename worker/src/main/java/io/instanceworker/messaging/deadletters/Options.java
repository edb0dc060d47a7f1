package io.instanceworker.messaging.deadletters;

import io.instanceworker.cli.console.UsageException;
import io.instanceworker.messaging.deadletters.Selection.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options and parameters of all commands. */
final class Options {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{12}");

    @Parameters(paramLabel = "ID", description = "the messages with these ids; list shows them")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--job-id", paramLabel = "JOB", description = "the messages of this job; may be repeated")
    private List<String> jobIds = new ArrayList<>();

    @Option(
            names = "--error-code",
            paramLabel = "CODE",
            description = "the messages that have this error code; may be repeated")
    private List<String> errorCodes = new ArrayList<>();

    @Option(names = "--all", description = "every message")
    private boolean all;

    @Option(names = "--json", description = "the answer as a JSON array, for programs")
    boolean json;

    /**
     * @return null if nothing is selected
     * @throws UsageException if the selection is contradictory or an id is not an id
     */
    @Nullable Selection selection() {
        // Checked here, because the message of picocli would not say what an id is.
        ids.stream().filter(id -> !ID.matcher(id).matches()).findFirst().ifPresent(other -> {
            throw new UsageException(other + " is no id, which has 12 digits, as list shows it."
                    + " For the id of a job there is --job-id.");
        });
        List<Selection> given = new ArrayList<>();
        given.add(new Selection(Kind.ID, Set.copyOf(ids)));
        given.add(new Selection(Kind.JOB_ID, Set.copyOf(jobIds)));
        given.add(new Selection(Kind.ERROR_CODE, Set.copyOf(errorCodes)));
        given.removeIf(selection -> selection.values().isEmpty());
        if (all) {
            given.add(Selection.ALL);
        }
        if (given.size() > 1) {
            throw new UsageException("Only one of ids, --job-id, --error-code and --all can be given.");
        }
        return given.isEmpty() ? null : given.get(0);
    }
}
