package io.instanceworker.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Collects what is measured, and shows it as it comes. */
final class Findings {

    private final PrintStream out;
    private final List<Row> rows = new ArrayList<>();
    private final List<Series> series = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Findings(PrintStream out) {
        this.out = out;
    }

    void add(Row row) {
        rows.add(row);
        out.println("  " + String.join(" | ", Table.cells(row)));
    }

    void add(Series line) {
        series.add(line);
    }

    void note(String note) {
        notes.add(note);
        out.println("  Note: " + note);
    }

    /** A measurement that broke off; the others go on. */
    void failed(String measurement, Exception e) {
        failures.add(measurement);
        note("The measurement " + measurement + " broke off: " + e);
    }

    boolean anyFailed() {
        return !failures.isEmpty();
    }

    List<Row> rows() {
        return List.copyOf(rows);
    }

    List<Series> series() {
        return List.copyOf(series);
    }

    List<String> notes() {
        return List.copyOf(notes);
    }
}
