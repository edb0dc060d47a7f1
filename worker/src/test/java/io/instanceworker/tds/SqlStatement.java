package io.instanceworker.tds;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A batch or a parameterized statement.
 *
 * @param parameters in the order of their declaration; empty for a batch
 */
public record SqlStatement(String text, List<@Nullable Object> parameters) {

    /** Without the white space that only formats it. */
    public String onOneLine() {
        return Arrays.stream(text.split("\\s+")).filter(word -> !word.isEmpty()).collect(Collectors.joining(" "));
    }
}
