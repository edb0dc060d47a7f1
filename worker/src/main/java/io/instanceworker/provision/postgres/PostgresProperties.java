package io.instanceworker.provision.postgres;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The settings of a PostgreSQL server below {@code properties} that say how databases are made.
 *
 * @param unsettable what happens when the source has a setting that the worker's role may not give to a copy
 */
record PostgresProperties(Unsettable unsettable, CopyStrategy copyStrategy) {

    static final String UNSETTABLE = "unsettable";
    static final String COPY_STRATEGY = "copy-strategy";

    private static final List<String> NAMES =
            List.of(PostgresConnections.CONNECT_TIMEOUT_SECONDS, COPY_STRATEGY, UNSETTABLE);

    /** What happens when the source has a setting that the worker's role may not give to a copy. */
    enum Unsettable {
        /** The job ends before anything is made. */
        FAIL,
        /** The copy is made without that setting, and the result says so. */
        SKIP
    }

    static PostgresProperties of(Map<String, String> properties) {
        Unsettable unsettable = Unsettable.FAIL;
        CopyStrategy copyStrategy = CopyStrategy.AUTO;
        for (Map.Entry<String, String> property : properties.entrySet()) {
            if (is(UNSETTABLE, property.getKey())) {
                unsettable = Enum.valueOf(Unsettable.class, constant(property.getValue()));
            } else if (is(COPY_STRATEGY, property.getKey())) {
                copyStrategy = Enum.valueOf(CopyStrategy.class, constant(property.getValue()));
            }
        }
        return new PostgresProperties(unsettable, copyStrategy);
    }

    /** Every mistake in all settings of the server, each as {@code properties.name: what is wrong}. */
    static List<String> mistakesIn(Map<String, String> properties) {
        List<String> mistakes = new ArrayList<>();
        properties.forEach((name, value) -> {
            String known = NAMES.stream()
                    .filter(property -> is(property, name))
                    .findFirst()
                    .orElse("");
            switch (known) {
                case PostgresConnections.CONNECT_TIMEOUT_SECONDS -> {
                    if (!value.matches("[1-9][0-9]{0,3}")) {
                        mistakes.add("properties." + name + ": must be a number from 1 to 9999");
                    }
                }
                case COPY_STRATEGY -> requireOneOf(CopyStrategy.values(), name, value, mistakes);
                case UNSETTABLE -> requireOneOf(Unsettable.values(), name, value, mistakes);
                default ->
                    mistakes.add("properties." + name + ": is not a setting; there are " + String.join(", ", NAMES));
            }
        });
        return mistakes;
    }

    private static void requireOneOf(Enum<?>[] allowed, String name, String value, List<String> mistakes) {
        if (Arrays.stream(allowed).noneMatch(a -> a.name().equals(constant(value)))) {
            mistakes.add("properties." + name + ": must be one of "
                    + Arrays.stream(allowed)
                            .map(a -> a.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", ")));
        }
    }

    private static String constant(String value) {
        return value.strip().toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** With or without its dashes, which the name of an environment variable cannot have. */
    static boolean is(String property, String name) {
        return name.replaceAll("[-.]", "").equalsIgnoreCase(property.replace("-", ""));
    }
}
