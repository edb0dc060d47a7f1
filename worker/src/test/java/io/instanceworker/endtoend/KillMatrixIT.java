package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers are killed with SIGKILL at every step of every operation, and afterwards all invariants hold. By default every
 * point once on one version; {@code deploy/local/kill-matrix} runs the whole.
 */
class KillMatrixIT {

    private static final String VERSIONS = System.getProperty("kill-matrix.versions", "15");

    /** A regular expression for how the names of the wanted cells begin; {@code once} for the first cell of each point. */
    private static final String CELLS = System.getProperty("kill-matrix.cells", "once");

    /** So many lines run beside each other. */
    private static final int LINES = 2;

    private static final String OK = "ok";
    private static final String NOT_HERE = "-";

    @TempDir
    static Path folder;

    /** By version and cell. */
    private final Map<Integer, Map<KillCell, List<String>>> results = new TreeMap<>();

    /** What was found when all cells of a line were done. */
    private final List<String> inTheEnd = new CopyOnWriteArrayList<>();

    @Test
    void allInvariantsHoldAfterACrashAtAnyPoint() throws Exception {
        List<Integer> versions =
                Stream.of(VERSIONS.split(",")).map(Integer::valueOf).toList();
        List<KillCell> cells = CELLS.equals("once")
                ? KillCell.eachPointOnce()
                : KillCell.all().stream()
                        .filter(cell ->
                                Pattern.compile(CELLS).matcher(cell.name()).lookingAt())
                        .toList();
        assertThat(cells).as("cells that begin with \"%s\"", CELLS).isNotEmpty();
        versions.forEach(version -> results.put(version, new ConcurrentHashMap<>()));
        // A version is one line; a version alone is two.
        int parts = versions.size() == 1 ? LINES : 1;
        long before = System.nanoTime();
        ExecutorService executor = Executors.newFixedThreadPool(LINES);
        try {
            List<Future<?>> lines = new ArrayList<>();
            for (int version : versions) {
                for (int part = 0; part < Math.min(parts, cells.size()); part++) {
                    int first = part;
                    List<KillCell> own = IntStream.range(0, cells.size())
                            .filter(i -> i % parts == first)
                            .mapToObj(cells::get)
                            .toList();
                    lines.add(executor.submit(() -> runLine(version, "kill-matrix-" + version + "-" + first, own)));
                }
            }
            for (Future<?> line : lines) {
                line.get();
            }
        } finally {
            executor.shutdownNow();
            System.out.println(table(cells) + "in " + (System.nanoTime() - before) / 1_000_000_000 + " s");
        }
        assertThat(violations()).as("cells that were violated").isEmpty();
    }

    private void runLine(int version, String name, List<KillCell> cells) {
        Map<KillCell, List<String>> done = results.get(version);
        try (KillLine line = new KillLine(version, name, folder)) {
            int number = 0;
            for (KillCell cell : cells) {
                done.put(cell, run(line, cell, ++number));
                System.out.println("[kill matrix] " + version + " " + cell.name() + ": " + shown(done.get(cell)));
            }
            line.end().forEach(violation -> inTheEnd.add(name + ", after all cells: " + violation));
        } catch (RuntimeException | AssertionError e) {
            // Not thrown on: the other lines are to come to their ends.
            inTheEnd.add(name + " broke off: " + e);
        }
    }

    private static List<String> run(KillLine line, KillCell cell, int number) {
        if (cell.isWhileTheServerWorks() && !StoppedProcess.isPossible(line.databases)) {
            return List.of(NOT_HERE);
        }
        try {
            List<String> violations = new KillCellRun(line, cell, number).run();
            if (!violations.isEmpty()) {
                System.out.println(line.tails());
            }
            return violations;
        } catch (Exception | AssertionError e) {
            System.out.println(line.tails());
            line.startAfresh();
            return List.of("broken off: " + e.getMessage());
        }
    }

    private static String shown(List<String> violations) {
        return violations == null ? "not run" : violations.isEmpty() ? OK : String.join("; ", violations);
    }

    private List<String> violations() {
        List<String> all = new ArrayList<>(inTheEnd);
        results.forEach((version, cells) -> cells.forEach((cell, violations) -> {
            if (!violations.isEmpty() && !violations.equals(List.of(NOT_HERE))) {
                all.add("PostgreSQL " + version + ", " + cell.name() + ": " + shown(violations)
                        + "\n  to repeat it: deploy/local/kill-matrix " + version + " \"" + cell.name() + '"');
            }
        }));
        return all;
    }

    private String table(List<KillCell> cells) {
        StringBuilder table = new StringBuilder("%n%-32s".formatted("killed at"));
        results.keySet().forEach(version -> table.append("%9s".formatted(version)));
        table.append(System.lineSeparator());
        for (KillCell cell : cells) {
            table.append("%-32s".formatted(cell.name()));
            results.values().forEach(done -> table.append("%9s".formatted(word(done.get(cell)))));
            table.append(System.lineSeparator());
        }
        long ok = results.values().stream()
                .flatMap(done -> done.values().stream())
                .filter(List::isEmpty)
                .count();
        return table
                + "%d of %d cells ok, %d violated, "
                        .formatted(
                                ok, cells.size() * results.size(), violations().size());
    }

    private static String word(List<String> violations) {
        String shown = shown(violations);
        return shown.length() > OK.length() && !shown.equals("not run") ? "VIOLATED" : shown;
    }
}
