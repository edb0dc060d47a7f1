package io.instanceworker.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.demo.Terminal.Style;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalTest {

    private static final String LONG = "✓ " + "word ".repeat(30) + "end…";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void longTextIsWrappedBeforeTheLastColumn() {
        new Terminal(out, false, true).wrapped(10, LONG, Style.RIGHT);

        assertThat(written().lines())
                .hasSize(3)
                .allMatch(line -> line.length() <= Terminal.COLUMNS)
                .first()
                .asString()
                .startsWith("          ✓ word");
        assertThat(written().strip().replaceAll("\\s+", " ")).isEqualTo(LONG);
    }

    @Test
    void coloursArePrintedOnlyIfEnabled() {
        new Terminal(out, true, true).wrapped(2, "right", Style.RIGHT);
        new Terminal(out, false, true).wrapped(2, "right", Style.RIGHT);

        assertThat(written()).isEqualTo("  \033[32mright\033[0m\n  right\n");
    }

    @Test
    void aTerminalWithoutUnicodeGetsOnlyAscii() {
        new Terminal(out, false, false).wrapped(0, LONG + " · ✗", Style.PLAIN);

        assertThat(written())
                .containsPattern("^\\+ word")
                .matches(text -> text.chars().allMatch(c -> c < 128));
    }

    @Test
    void aMutedTerminalPrintsNothing() {
        Terminal terminal = new Terminal(out, false, true);
        terminal.mute();
        terminal.line("nothing");

        assertThat(written()).isEmpty();
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
