package io.instanceworker.messaging.deadletters;

import io.instanceworker.cli.console.OutputOptions;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.messaging.deadletters.Selection.Kind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options and parameters of all commands. */
final class Options {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{12}");

    private static final Pattern AGE = Pattern.compile("\\d+[smhd]");

    @Parameters(paramLabel = "ID", description = "the messages with these ids; list shows them")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--job-id", paramLabel = "JOB", description = "the messages of this job")
    private List<String> jobIds = new ArrayList<>();

    @Option(
            names = {"--code", "--error-code"},
            paramLabel = "CODE",
            description = "the messages with this error code")
    private List<String> errorCodes = new ArrayList<>();

    @Option(names = "--operation", paramLabel = "OPERATION", description = "the jobs with this operation")
    private List<String> operations = new ArrayList<>();

    @Option(names = "--server", paramLabel = "SERVER", description = "the jobs that name this server")
    private List<String> servers = new ArrayList<>();

    @Option(names = "--database", paramLabel = "DATABASE", description = "the jobs that name this database")
    private List<String> databases = new ArrayList<>();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "the messages that were dead-lettered then or later: 2026-11-20T10:00:00Z, or 90s, 30m, 2h, 3d"
                            + " ago")
    private @Nullable String since;

    @Option(names = "--all", description = "every message")
    private boolean all;

    @Option(names = "--json", hidden = true, description = "--output json in earlier versions")
    private boolean json;

    @Mixin
    private OutputOptions output = new OutputOptions();

    boolean json() {
        return json || output.json();
    }

    /**
     * @return null if nothing is selected
     * @throws UsageException if the selection is contradictory or a value is not of its kind
     */
    @Nullable Selection selection() {
        // Checked here, because the message of picocli would not say what an id is.
        ids.stream().filter(id -> !ID.matcher(id).matches()).findFirst().ifPresent(other -> {
            throw new UsageException(other + " is no id, which has 12 digits, as list shows it."
                    + " For the id of a job there is --job-id.");
        });
        Map<Kind, NavigableSet<String>> values = new EnumMap<>(Kind.class);
        put(values, Kind.ID, ids, Comparator.naturalOrder());
        put(values, Kind.JOB_ID, jobIds, Comparator.naturalOrder());
        put(values, Kind.ERROR_CODE, errorCodes, String.CASE_INSENSITIVE_ORDER);
        put(values, Kind.OPERATION, operations, String.CASE_INSENSITIVE_ORDER);
        put(values, Kind.SERVER, servers, String.CASE_INSENSITIVE_ORDER);
        put(values, Kind.DATABASE, databases, Comparator.naturalOrder());
        boolean some = !values.isEmpty() || since != null;
        if (all && some) {
            throw new UsageException("--all is every message; leave it out, or the other options.");
        }
        return all || some ? new Selection(values, since == null ? null : time(since)) : null;
    }

    private static void put(
            Map<Kind, NavigableSet<String>> values, Kind kind, List<String> given, Comparator<String> order) {
        if (!given.isEmpty()) {
            values.computeIfAbsent(kind, k -> new TreeSet<>(order)).addAll(given);
        }
    }

    private static Instant time(String text) {
        try {
            return AGE.matcher(text).matches()
                    ? Instant.now().minus(DurationStyle.SIMPLE.parse(text))
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
            throw new UsageException(
                    "--since must be a time such as 2026-11-20T10:00:00Z, or an age such as 90s, 30m, 2h"
                            + " or 3d, and not " + text + ".");
        }
    }
}
