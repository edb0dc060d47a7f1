package io.instanceworker.tds;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a statement answers: result sets and update counts, in their order. */
public final class Answer {

    /** A result set, or the number of changed rows where there are no columns. */
    record Part(List<Column> columns, List<List<@Nullable Object>> rows, long count) {}

    /** @param type the Java class of the column's values: String, Integer, Long, Boolean, byte[], LocalDateTime or OffsetDateTime */
    public record Column(String name, Class<?> type) {}

    private final List<Part> parts = new ArrayList<>();

    private Answer() {}

    public static Answer nothing() {
        return new Answer();
    }

    public static Answer rows(List<Column> columns, List<List<@Nullable Object>> rows) {
        return nothing().thenRows(columns, rows);
    }

    public static Answer row(List<Column> columns, @Nullable Object... values) {
        List<@Nullable Object> row = new ArrayList<>();
        Collections.addAll(row, values);
        return rows(columns, List.of(row));
    }

    public static Answer changed(long rows) {
        return nothing().thenChanged(rows);
    }

    public Answer thenRows(List<Column> columns, List<List<@Nullable Object>> rows) {
        parts.add(new Part(columns, rows, rows.size()));
        return this;
    }

    public Answer thenChanged(long rows) {
        parts.add(new Part(List.of(), List.of(), rows));
        return this;
    }

    /** The results of another statement of the same batch. */
    public Answer then(Answer next) {
        parts.addAll(next.parts);
        return this;
    }

    List<Part> parts() {
        return parts;
    }
}
