package io.instanceworker.tds;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A statement as a client sends it: as a batch, or as the call of one of the procedures for statements with parameters.
 * [MS-TDS] 2.2.6.6
 *
 * @param handle under which the statement is kept; null if it is not
 * @param forgotten whether the client only gives handles back
 */
record Call(SqlStatement statement, @Nullable Integer handle, boolean forgotten) {

    private static final int BY_NUMBER = 0xFFFF;
    private static final int EXECUTESQL = 10;
    private static final int EXECUTE = 12;
    private static final int PREPEXEC = 13;
    private static final int UNPREPARE = 15;

    private static final Map<String, Integer> NUMBERS = Map.of(
            "sp_executesql", EXECUTESQL,
            "sp_execute", EXECUTE,
            "sp_prepexec", PREPEXEC,
            "sp_unprepare", UNPREPARE);

    /** The statements that one client has prepared, by their handles. */
    static final class Prepared {
        private final Map<Integer, String> texts = new HashMap<>();
        private int last;

        private int keep(String text) {
            texts.put(++last, text);
            return last;
        }
    }

    /** A batch, which is no call. The driver gives back the handles of many statements in one batch. */
    static Call ofBatch(byte[] message) {
        TdsInput in = new TdsInput(message);
        in.skipAllHeaders();
        String text = in.rest();
        return new Call(new SqlStatement(text, List.of()), null, text.startsWith("EXEC sp_unprepare "));
    }

    static Call read(byte[] message, Prepared prepared) {
        TdsInput in = new TdsInput(message);
        in.skipAllHeaders();
        int nameLength = in.uint16();
        int procedure = nameLength == BY_NUMBER ? in.uint16() : numberOf(in.text(2 * nameLength));
        in.uint16();
        List<@Nullable Object> values = new ArrayList<>();
        while (in.hasMore()) {
            in.text(2 * in.uint8());
            in.uint8();
            values.add(in.typedValue());
        }
        return switch (procedure) {
            case EXECUTESQL -> new Call(statement(text(values.get(0)), values, 2), null, false);
            case PREPEXEC -> {
                String text = text(values.get(2));
                yield new Call(statement(text, values, 3), prepared.keep(text), false);
            }
            case EXECUTE -> {
                Integer handle = (Integer) Objects.requireNonNull(values.get(0));
                yield new Call(statement(text(prepared.texts.get(handle)), values, 1), null, false);
            }
            case UNPREPARE -> {
                prepared.texts.remove((Integer) values.get(0));
                yield new Call(new SqlStatement("", List.of()), null, true);
            }
            default -> throw new IllegalStateException("The fake does not know the procedure " + procedure);
        };
    }

    private static int numberOf(String name) {
        Integer number = NUMBERS.get(name.replace("sys.", ""));
        if (number == null) {
            throw new IllegalStateException("The fake does not know the procedure " + name);
        }
        return number;
    }

    private static String text(@Nullable Object value) {
        return Objects.requireNonNull((String) value, "a statement");
    }

    private static SqlStatement statement(String text, List<@Nullable Object> values, int firstParameter) {
        return new SqlStatement(text, values.subList(Math.min(firstParameter, values.size()), values.size()));
    }
}
