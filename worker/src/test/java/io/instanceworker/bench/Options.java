package io.instanceworker.bench;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code deploy/local/bench} was asked for; the script's help explains it. */
final class Options {

    Path root = Path.of("");
    String commit = "unknown";
    boolean isShort;
    boolean check;
    boolean docs;
    int postgres = 18;
    List<Integer> versions = List.of();
    Set<String> only = Set.of();
    List<String> javaOptions = List.of();
    Sizes sizes = Sizes.of(false);

    /** As a server has it that somebody relies on: the tests' own settings lose data in a crash of the machine. */
    final Map<String, String> postgresSettings =
            new TreeMap<>(Map.of("fsync", "on", "shared_buffers", "128MB", "max_connections", "300"));

    @Nullable Path json;

    @Nullable Path from;

    private Options() {}

    static Options parse(String... arguments) {
        Options options = new Options();
        options.isShort = List.of(arguments).contains("--short");
        options.sizes = Sizes.of(options.isShort);
        options.versions = options.isShort ? List.of(18) : List.of(11, 13, 15, 18);
        Deque<String> rest = new ArrayDeque<>(List.of(arguments));
        while (!rest.isEmpty()) {
            options.take(rest.pop(), rest);
        }
        return options;
    }

    private void take(String option, Deque<String> rest) {
        switch (option) {
            case "--short" -> isShort = true;
            case "--check" -> check = true;
            case "--docs" -> docs = true;
            case "--root" -> root = Path.of(value(option, rest));
            case "--commit" -> commit = value(option, rest);
            case "--json" -> json = Path.of(value(option, rest));
            case "--from" -> from = Path.of(value(option, rest));
            case "--only" -> only = names(value(option, rest));
            case "--postgres" -> postgres = version(value(option, rest));
            case "--versions" ->
                versions =
                        list(value(option, rest)).stream().map(Options::version).toList();
            case "--java-options" ->
                javaOptions = List.of(value(option, rest).strip().split("\\s+"));
            case "--postgres-setting" -> addSetting(value(option, rest));
            case "--size" -> sizes.replace(value(option, rest));
            default -> throw new IllegalArgumentException("There is no option " + option + "; see --help");
        }
    }

    private void addSetting(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("--postgres-setting takes NAME=VALUE, and not \"" + assignment + "\"");
        }
        postgresSettings.put(assignment.substring(0, equals), assignment.substring(equals + 1));
    }

    private static String value(String option, Deque<String> rest) {
        String value = rest.poll();
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException(option + " takes a value; see --help");
        }
        return value;
    }

    private static List<String> list(String value) {
        return Arrays.asList(value.split(","));
    }

    private static Set<String> names(String value) {
        Set<String> names = new LinkedHashSet<>(list(value));
        for (String name : names) {
            if (!Bench.MEASUREMENTS.containsKey(name)) {
                throw new IllegalArgumentException(
                        "There is no measurement " + name + "; there are " + Bench.MEASUREMENTS.keySet());
            }
        }
        return names;
    }

    private static int version(String value) {
        if (!value.matches("1[1-8]")) {
            throw new IllegalArgumentException("PostgreSQL is taken from 11 to 18, and not \"" + value + "\"");
        }
        return Integer.parseInt(value);
    }

    boolean includes(String measurement) {
        return only.isEmpty() || only.contains(measurement);
    }
}
