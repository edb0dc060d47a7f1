package io.instanceworker.cli.console;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows of text in aligned columns, for people. */
public final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    /** @param header the first row; a table with no other row is not printed */
    public Table(String... header) {
        rows.add(List.of(header));
    }

    /** @param cells null is printed as a dash */
    public void add(@Nullable String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(cell == null ? "-" : Printable.of(cell));
        }
        rows.add(row);
    }

    public void print(PrintStream out) {
        if (rows.size() == 1) {
            return;
        }
        List<Integer> widths = IntStream.range(0, rows.get(0).size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .boxed()
                .toList();
        rows.forEach(row -> out.println(IntStream.range(0, row.size())
                .mapToObj(column -> row.get(column)
                        + " ".repeat(widths.get(column) - row.get(column).length()))
                .collect(Collectors.joining("  "))
                .stripTrailing()));
    }
}
