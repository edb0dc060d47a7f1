package io.instanceworker.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * How much is measured: the numbers of the form, some of them replaced by {@code --size NAME=N}. {@code adds-before} is how many
 * Adds a worker has done before it is measured.
 */
final class Sizes {

    private static final Map<String, Integer> FULL = Map.ofEntries(
            Map.entry("status-jobs", 20_000),
            Map.entry("info-jobs", 4_000),
            Map.entry("query-rounds", 3),
            Map.entry("journal-rows", 1_000_000),
            Map.entry("adds", 60),
            Map.entry("adds-before", 100),
            Map.entry("add-rounds", 3),
            Map.entry("single-adds", 100),
            Map.entry("copy-mb", 1_024),
            Map.entry("copy-rounds", 5),
            Map.entry("takeover-mb", 1_024),
            Map.entry("takeovers", 5),
            Map.entry("starts", 5),
            Map.entry("limit-seconds", 120));

    private static final Map<String, Integer> SHORT = Map.ofEntries(
            Map.entry("status-jobs", 2_000),
            Map.entry("info-jobs", 1_000),
            Map.entry("query-rounds", 2),
            Map.entry("journal-rows", 0),
            Map.entry("adds", 16),
            Map.entry("adds-before", 10),
            Map.entry("add-rounds", 2),
            Map.entry("single-adds", 15),
            Map.entry("copy-mb", 150),
            Map.entry("copy-rounds", 3),
            Map.entry("takeover-mb", 200),
            Map.entry("takeovers", 2),
            Map.entry("starts", 1),
            Map.entry("limit-seconds", 20));

    private final Map<String, Integer> numbers;

    private Sizes(Map<String, Integer> numbers) {
        this.numbers = numbers;
    }

    static Sizes of(boolean isShort) {
        return new Sizes(new TreeMap<>(isShort ? SHORT : FULL));
    }

    /** @param assignment in the form NAME=N */
    void replace(String assignment) {
        int equals = assignment.indexOf('=');
        String name = equals < 0 ? assignment : assignment.substring(0, equals);
        String number = assignment.substring(equals + 1);
        if (equals < 0 || !numbers.containsKey(name) || !number.matches("[0-9]{1,8}")) {
            throw new IllegalArgumentException(
                    "--size takes NAME=N, with a name of " + numbers.keySet() + ", and not \"" + assignment + "\"");
        }
        numbers.put(name, Integer.valueOf(number));
    }

    int get(String name) {
        Integer number = numbers.get(name);
        if (number == null) {
            throw new IllegalArgumentException("There is no size " + name);
        }
        return number;
    }

    @Override
    public String toString() {
        return numbers.toString();
    }
}
