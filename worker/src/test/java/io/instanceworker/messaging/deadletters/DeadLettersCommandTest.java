package io.instanceworker.messaging.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.cli.InstanceCtl;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.messaging.deadletters.Selection.Kind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command makes of its words, before it connects to RabbitMQ. */
class DeadLettersCommandTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static Options parse(String words) {
        Options options = new Options();
        new CommandLine(options).setAllowOptionsAsOptionParameters(true).parseArgs(words.split(" "));
        return options;
    }

    private int run(String words) {
        return InstanceCtl.run(
                List.of(words.split(" ")),
                new Invocation(
                        List.of(),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        null));
    }

    @Test
    void eachSelectionIsUnderstood() {
        assertThat(parse("--json").selection()).isNull();
        assertThat(parse("0123456789ab cdef01234567").selection())
                .isEqualTo(new Selection(Kind.ID, Set.of("0123456789ab", "cdef01234567")));
        assertThat(parse("--job-id=--all --job-id j --job-id=j").selection())
                .isEqualTo(new Selection(Kind.JOB_ID, Set.of("--all", "j")));
        assertThat(parse("--error-code DEADLOCK").selection())
                .isEqualTo(new Selection(Kind.ERROR_CODE, Set.of("DEADLOCK")));
        assertThat(parse("--all").selection()).isEqualTo(Selection.ALL);
    }

    @Test
    void aJobIdThatLooksLikeAnOptionIsAccepted() {
        assertThat(run("dead-letters discard --job-id --all --all")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("Only one of");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dead --help",
                "instancectl dead-letters --help",
                "dead-letters replay -h",
                "dead-letters discard --all --help"
            })
    void helpPrintsTheUsageAndEndsWithExitCodeZero(String words) {
        assertThat(run(words)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("Usage: instancectl dead");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "live-letters list, live-letters",
        "dead-letters, Missing required subcommand",
        "dead-letters --json, --json",
        "dead-letters eat --all, eat",
        "dead-letters replay, Which messages",
        "dead-letters discard --yes, Which messages",
        "dead-letters show nightly-7, --job-id",
        "dead-letters show 0123456789AB, is no id",
        "dead-letters discard --all, --yes",
        "dead-letters replay --job-id, parameter",
        "dead-letters replay --all 0123456789ab, Only one of",
        "dead-letters replay --job-id j --error-code E, Only one of",
        "dead-letters list --josn, --josn",
        "dead-letters list \u001b[2J, \\u001b[2J",
    })
    void wrongArgumentsAreRefused(String words, String why) {
        assertThat(run(words)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(why, "--help");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
