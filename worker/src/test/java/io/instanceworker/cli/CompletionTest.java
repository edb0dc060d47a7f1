package io.instanceworker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.cli.console.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that generate-completion prints, in a bash. */
class CompletionTest {

    @TempDir
    private Path folder;

    private Path script;

    @BeforeEach
    void generate() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Invocation invocation =
                new Invocation(List.of(), new PrintStream(out, true, StandardCharsets.UTF_8), System.err, null);
        assertThat(InstanceCtl.run(List.of("generate-completion"), invocation)).isZero();
        script = Files.write(folder.resolve("completion"), out.toByteArray());
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void bashFindsNoMistakeInTheScript() throws Exception {
        assertThat(output("bash", "-n", script.toString())).isEmpty();
    }

    @Test
    void bashCompletesACommandAndItsOptions() throws Exception {
        String complete = """
                source "$0"
                compopt() { :; } # bash's own works only while a person presses Tab
                for words in 'bu' 'bulk --dr' 'dead rep'; do
                  COMP_WORDS=(instancectl $words)
                  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                  _complete_instancectl
                  echo "${COMPREPLY[@]}"
                done
                """;
        assertThat(output("bash", "-c", complete, script.toString())).isEqualTo("bulk\n--dry-run\nreplay\n");
    }
}
