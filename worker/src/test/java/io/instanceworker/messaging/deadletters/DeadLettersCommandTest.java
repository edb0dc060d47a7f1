package io.instanceworker.messaging.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.cli.InstanceCtl;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.messaging.deadletters.Selection.Kind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
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
        assertThat(values("0123456789ab cdef01234567"))
                .isEqualTo(Map.of(Kind.ID, Set.of("0123456789ab", "cdef01234567")));
        assertThat(values("--job-id=--all --job-id j --job-id=j")).isEqualTo(Map.of(Kind.JOB_ID, Set.of("--all", "j")));
        assertThat(values("--error-code DEADLOCK --code TIMEOUT"))
                .isEqualTo(Map.of(Kind.ERROR_CODE, Set.of("DEADLOCK", "TIMEOUT")));
        assertThat(values("--operation Copy --server north --database ods"))
                .containsOnlyKeys(Kind.OPERATION, Kind.SERVER, Kind.DATABASE);
        assertThat(parse("--all").selection()).isEqualTo(Selection.ALL);
        assertThat(parse("--since 2026-11-20T12:00:00+02:00").selection())
                .isEqualTo(new Selection(Map.of(), Instant.parse("2026-11-20T10:00:00Z")));
        assertThat(parse("--since 2h").selection().since())
                .isBetween(Instant.now().minusSeconds(7_260), Instant.now().minusSeconds(7_199));
    }

    private static Map<Kind, NavigableSet<String>> values(String words) {
        return parse(words).selection().values();
    }

    @Test
    void aMessageIsSelectedThatHasOneOfTheValuesOfEachOption() {
        DeadLetter letter = Letters.of(
                "{\"jobId\": \"j\", \"operation\": \"Copy\", \"server\": \"North\","
                        + " \"instance\": {\"databaseName\": \"ods\"}, \"source\": {\"databaseName\": \"old\"}}",
                Map.of("iw-error-code", "TIMEOUT", "iw-last-failure", "2026-11-20T10:00:00Z"));
        for (String words : List.of(
                "--all",
                "--code DEADLOCK --code timeout --operation copy --server north --database ods --job-id j",
                letter.id() + " --since 2026-11-20T10:00:00Z")) {
            assertThat(parse(words).selection().matches(letter)).as(words).isTrue();
        }
        for (String words : List.of(
                "--code DEADLOCK --operation Copy",
                "--operation Add",
                "--server south",
                "--database ODS",
                "--job-id J",
                "--since 2026-11-20T10:00:00.1Z")) {
            assertThat(parse(words).selection().matches(letter)).as(words).isFalse();
        }
        DeadLetter none = Letters.of("no job", Map.of("iw-last-failure", "yesterday"));
        assertThat(parse("--operation Add").selection().matches(none)).isFalse();
        assertThat(parse("--since 1d").selection().matches(none)).isFalse();
    }

    @Test
    void aJobIdThatLooksLikeAnOptionIsAccepted() {
        assertThat(run("dead-letters discard --job-id --all --all")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--all is every message");
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
        "dead-letters replay --all 0123456789ab, --all is every message",
        "dead replay --all --since 2h, --all is every message",
        "dead list --since yesterday, --since must be",
        "dead list --since 5, --since must be",
        "dead count --output xml, xml",
        "dead-letters list --josn, --josn",
        "dead-letters list \u001b[2J, \\u001b[2J",
    })
    void wrongArgumentsAreRefused(String words, String why) {
        assertThat(run(words)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(why, "--help");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
