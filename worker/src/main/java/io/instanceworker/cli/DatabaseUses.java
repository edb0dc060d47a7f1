package io.instanceworker.cli;

import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.job.Job;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The databases that the rows of a file change or copy from, by name. */
final class DatabaseUses {

    /** The next character. */
    private static final char AFTER_UNDERSCORE = '_' + 1;

    private final NavigableMap<String, List<DatabaseUse>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    /** @throws UsageException if the row must run before or after an earlier one */
    void add(int line, Job job) {
        List<DatabaseUse> uses = DatabaseUse.of(line, job);
        uses.forEach(use -> withLikeName(use).forEach(use::requireCertainOrder));
        uses.forEach(this::keep);
    }

    /**
     * Of the same name, or of this name up to one of its underscores; where a template may follow, also of names that begin with
     * this one and an underscore.
     */
    private Stream<DatabaseUse> withLikeName(DatabaseUse use) {
        String name = use.database();
        Stream<String> beginnings = IntStream.range(0, name.length())
                .filter(i -> name.charAt(i) == '_')
                .mapToObj(i -> name.substring(0, i));
        Collection<List<DatabaseUse>> longer =
                byName.subMap(name + '_', name + AFTER_UNDERSCORE).values();
        return Stream.concat(
                        Stream.concat(beginnings, Stream.of(name))
                                .map(byName::get)
                                .filter(Objects::nonNull),
                        use.anyTemplate() ? longer.stream() : Stream.empty())
                .flatMap(List::stream);
    }

    /** Of thousands of rows that copy from one database, one is enough. */
    private void keep(DatabaseUse use) {
        List<DatabaseUse> same = byName.computeIfAbsent(use.database(), name -> new ArrayList<>(1));
        if (same.stream().noneMatch(use::equalsButLine)) {
            same.add(use);
        }
    }
}
