package io.instanceworker.contracts.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text that is valid JSON and yet must not reach a database, a header or a log as it is. */
class HostileTextTest {

    private static final List<String> NAMES = List.of(
            "{'operation': 'Status', 'server': '%s'}",
            "{'operation': 'Status', 'filter': {'tenant': '%s'}}",
            "{'operation': 'Status', 'filter': {'namePrefix': '%s'}}",
            "{'operation': 'Delete', 'instance': {'databaseName': '%s'}}",
            "{'operation': 'Delete', 'instance': {'databaseName': 'a', 'id': '%s'}}",
            "{'operation': 'Delete', 'instance': {'databaseName': 'a', 'tenant': '%s'}}",
            "{'operation': 'Delete', 'instance': {'name': '%s'}}",
            "{'operation': 'Add', 'instance': {'databaseName': 'a'}, 'template': '%s'}",
            "{'operation': 'Copy', 'instance': {'databaseName': 'a'}, 'source': {'databaseName': '%s'}}");

    static Stream<String> brokenNames() {
        List<String> broken = List.of(
                "a\\u0000b",
                "a\\nb",
                "a\\u001b[31m",
                "a\\u007f",
                "a\\u0085b",
                "a\\u2028b",
                "\\ud800",
                "a\\udc00b",
                "\\ud83c\\ud83c");
        return NAMES.stream().flatMap(name -> broken.stream().map(name::formatted));
    }

    @ParameterizedTest
    @MethodSource("brokenNames")
    void namesWithBrokenTextAreRefused(String body) {
        ReadJob.Refused refused = refused(body);

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refused.message()).matches("[ -~]+");
        assertThat(refused.instance().toString() + refused.server()).matches("[ -~]+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\\u0000",
                "a\\n",
                "a\\u00ad",
                "a\\u200b",
                "\\u202eevil",
                "\\ufeffa",
                "a\\ue000",
                "\\ud800",
                "\\udc00\\ud800",
                "a\\uffff"
            })
    void jobIdMustBePrintable(String jobId) {
        ReadJob.Refused refused = refused("{'operation': 'Status', 'jobId': '" + jobId + "'}");

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refused.jobId()).isNull();
    }

    @Test
    void jobIdIsCountedInCharactersNotBytes() {
        String school = "\uD83C\uDFEB";

        assertThat(read("{'operation': 'Status', 'jobId': '" + school.repeat(150) + "'}"))
                .isInstanceOf(ReadJob.Accepted.class);
        assertThat(refused("{'operation': 'Status', 'jobId': '" + school.repeat(151) + "'}")
                        .message())
                .contains("1 to 150");
    }

    @Test
    void displayNameMayHaveFormatCharacters() {
        // Persian and many emoji need joiners, which are invisible.
        assertThat(read("{'operation': 'Info', 'instance': {'name': 'می\\u200cخواهم'}}"))
                .isInstanceOf(ReadJob.Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'\\ud800'", "['a\\udfff']", "{'a': [{'b': '\\udc00\\ud800'}]}", "{'\\udc00': 1}"})
    void aContextWithHalfASurrogatePairIsRefused(String context) {
        ReadJob read = read("{'operation': 'Status', 'context': " + context + "}");

        assertThat(read).isInstanceOf(ReadJob.Refused.class);
    }

    @Test
    void errorMessagesShowOnlyAShortPrintableExcerptOfAValue() {
        String value = "\\n\\u202e\\ud800" + "x".repeat(10_000);

        for (String property : List.of("operation", "schemaVersion", "whenSourceBusy", "deadline")) {
            String body = "{'operation': 'Status', '%s': '%s'}".formatted(property, value);
            String message = refused(body.replace("'operation': 'Status', 'operation'", "'operation'"))
                    .message();
            assertThat(message).hasSizeLessThan(300).contains("\uFFFD\uFFFD\uFFFDxxx", "…\"");
        }
    }

    private static ReadJob.Refused refused(String body) {
        ReadJob read = read(body);
        assertThat(read).isInstanceOf(ReadJob.Refused.class);
        return (ReadJob.Refused) read;
    }

    private static ReadJob read(String body) {
        return new JobReader().read(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
