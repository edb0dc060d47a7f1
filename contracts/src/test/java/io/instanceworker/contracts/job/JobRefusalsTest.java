package io.instanceworker.contracts.job;

import static io.instanceworker.contracts.ErrorCode.INVALID_REQUEST;
import static io.instanceworker.contracts.ErrorCode.MALFORMED_MESSAGE;
import static io.instanceworker.contracts.ErrorCode.UNSUPPORTED_OPERATION;
import static io.instanceworker.contracts.ErrorCode.UNSUPPORTED_SCHEMA_VERSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.instanceworker.contracts.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a person is told of a message that is no job. */
class JobRefusalsTest {

    static Stream<Arguments> malformed() {
        return Stream.of(
                arguments("", "The message is empty."),
                arguments(" \n ", "The message is empty."),
                arguments("hello", "not valid JSON at line 1, column 1: Unrecognized token 'hello'"),
                arguments("[]", "must be a JSON object, but is an array"),
                arguments("\"Add\"", "must be a JSON object, but is a string"),
                arguments("null", "must be a JSON object, but is null"),
                arguments("{'operation': 'Status'}", "not valid JSON"),
                arguments("{\"operation\": \"Status\"", "it ends too early"),
                arguments("{\"operation\": \"Stat", "it ends too early"),
                arguments("{\"operation\": \"Status\"} {}", "there is something after its end"),
                arguments("{\"operation\": \"Status\"}]", "not valid JSON"),
                arguments("{\"operation\": \"Status\", \"operation\": \"Status\"}", "Duplicate Object property"),
                arguments(
                        "{\"operation\": \"Status\", \"context\": {\"a\": 1, \"a\": 2}}", "Duplicate Object property"),
                arguments("{\"operation\": \"Status\", \"context\": NaN}", "not valid JSON"),
                arguments("{\"operation\": \"Status\", \"context\": 1e99999999999}", "not valid JSON"),
                arguments("{\"context\": " + "9".repeat(1_001) + "}", "a number or a property name in it is too long"),
                arguments("{\"context\": " + "[".repeat(60) + "]".repeat(60) + "}", "nested too deeply"));
    }

    static Stream<Arguments> unsupported() {
        return Stream.of(
                arguments(UNSUPPORTED_OPERATION, "'operation': 'Rename'", "operation: \"Rename\" is not known"),
                arguments(UNSUPPORTED_OPERATION, "'operation': '\u0131nfo'", "is not known"),
                arguments(UNSUPPORTED_OPERATION, "'operation': '\u017Ftatus'", "is not known"),
                arguments(
                        UNSUPPORTED_OPERATION,
                        "'operation': ' Add'",
                        "must be one of Add, Copy, Delete, Adopt, Restore, Info, Status"),
                arguments(UNSUPPORTED_SCHEMA_VERSION, "'schemaVersion': '2.0', 'operation': 'Rename'", "\"2.0\""),
                arguments(UNSUPPORTED_SCHEMA_VERSION, "'schemaVersion': 2", "this worker knows 1.x"),
                arguments(UNSUPPORTED_SCHEMA_VERSION, "'schemaVersion': 0.9", "this worker knows 1.x"),
                arguments(UNSUPPORTED_SCHEMA_VERSION, "'schemaVersion': '10'", "this worker knows 1.x"),
                arguments(UNSUPPORTED_SCHEMA_VERSION, "'schemaVersion': 1e999999999", "this worker knows 1.x"),
                arguments(UNSUPPORTED_SCHEMA_VERSION, "'schemaVersion': ''", "this worker knows 1.x"),
                arguments(
                        INVALID_REQUEST,
                        "'schemaVersion': true, 'operation': 'Rename'",
                        "schemaVersion: must be a string"));
    }

    static Stream<Arguments> invalid() {
        String add = "'operation': 'Add', 'instance': {'databaseName': 'a'}, ";
        String copy = "'operation': 'Copy', 'instance': {'databaseName': 'a'}";
        String status = "'operation': 'Status', ";
        return Stream.of(
                arguments(
                        "", "operation: is missing; it must be one of Add, Copy, Delete, Adopt, Restore, Info, Status"),
                arguments("'operation': null", "operation: is missing"),
                arguments("'operation': ''", "operation: is missing"),
                arguments("'operation': 5", "operation: must be a string, but is a number"),
                arguments("'operation': 'Status', 'Operation': 'Status'", "operation: is there more than once"),
                arguments(status + "'instance': {'id': 1, 'ID': 2}", "instance.id: is there more than once"),
                arguments("'operation': 'Add'", "instance: is missing; Add needs it"),
                arguments("'operation': 'Delete', 'instance': null", "instance: is missing; Delete needs it"),
                arguments("'operation': 'Info', 'instance': 'a'", "instance: must be an object, but is a string"),
                arguments("'operation': 'Delete', 'instance': {'id': 42}", "instance.databaseName: is missing"),
                arguments(status + "'instance': {}", "instance.databaseName: is missing"),
                arguments(
                        "'operation': 'Delete', 'instance': {'databaseName': ''}", "instance.databaseName: is missing"),
                arguments("'operation': 'Delete', 'instance': {'databaseName': ' ', 'name': 'b'}", "must not be blank"),
                arguments(
                        status + "'instance': {'databaseName': 5}",
                        "instance.databaseName: must be a string, but is a number"),
                arguments(
                        status + "'instance': {'id': true}",
                        "instance.id: must be a string or a whole number, but is true or false"),
                arguments(
                        status + "'instance': {'id': 4.2}",
                        "instance.id: must be a string or a whole number, but is a number with a fraction"),
                arguments(copy, "source.databaseName: is missing; Copy needs it"),
                arguments(copy + ", 'source': {'databaseName': ''}", "source.databaseName: is missing; Copy needs it"),
                arguments(
                        copy + ", 'source': {'databaseName': 'a'}", "source.databaseName: is the database to be made"),
                arguments(copy + ", 'source': 'b'", "source: must be an object, but is a string"),
                arguments(
                        add + "'whenSourceBusy': 'kill'",
                        "whenSourceBusy: \"kill\" is not known; it must be wait or disconnect"),
                arguments(add + "'whenSourceBusy': ''", "whenSourceBusy: \"\" is not known"),
                arguments(
                        add + "'allowUnmanaged': 'true'",
                        "allowUnmanaged: must be true or false, without quotation marks, but is a string"),
                arguments(add + "'allowUnmanaged': 1", "allowUnmanaged: must be true or false"),
                arguments(add + "'template': ['Minimal']", "template: must be a string, but is an array"),
                arguments(
                        add + "'deadline': '2026-11-20T10:00:00'",
                        "deadline: \"2026-11-20T10:00:00\" is not a date and time with an offset"),
                arguments(add + "'deadline': 'tomorrow'", "such as 2026-11-20T10:00:00Z"),
                arguments(add + "'deadline': '2026-02-30T10:00:00Z'", "deadline: "),
                arguments(add + "'deadline': '+12026-02-20T10:00:00Z'", "deadline: "),
                arguments(add + "'deadline': 1790000000", "deadline: must be a string, but is a number"),
                arguments(
                        add + "'template': '" + "x".repeat(256) + "'",
                        "template: has 256 characters; at most 255 are allowed"),
                arguments(
                        status + "'instance': {'id': '" + "x".repeat(151) + "', 'databaseName': 'a'}",
                        "instance.id: has 151 characters; at most 150 are allowed"),
                arguments(
                        status + "'instance': {'id': " + "9".repeat(151) + ", 'databaseName': 'a'}",
                        "instance.id: has 151 characters; at most 150 are allowed"),
                arguments(status + "'page': 0", "page: must be a whole number from 1 to 2147483647"),
                arguments(status + "'page': 1e999999999", "page: must be a whole number"),
                arguments(status + "'page': '1'", "page: must be a whole number, but is a string"),
                arguments(status + "'perPage': 1001", "perPage: must be a whole number from 1 to 1000"),
                arguments(
                        status + "'filter': {'state': 'ASLEEP'}",
                        "filter.state: \"ASLEEP\" is not known; it must be one of [ONLINE, "),
                arguments(status + "'filter': {'tenant': 7}", "filter.tenant: must be a string, but is a number"),
                arguments(status + "'jobId': ''", "jobId: must be 1 to 150 printable characters"),
                arguments(status + "'jobId': '   '", "jobId: must not be blank"),
                arguments(
                        status + "'jobId': '" + "x".repeat(151) + "'", "jobId: must be 1 to 150 printable characters"),
                arguments(status + "'jobId': " + "9".repeat(151), "jobId: must be 1 to 150 printable characters"),
                arguments(status + "'jobId': {}", "jobId: must be a string or a whole number, but is an object"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedMessagesAreRefused(String body, String message) {
        assertRefused(body, MALFORMED_MESSAGE, message);
    }

    @ParameterizedTest
    @MethodSource("unsupported")
    void unsupportedVersionsAndOperationsAreRefused(ErrorCode code, String properties, String message) {
        assertRefused(object(properties), code, message);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void invalidPropertiesAreRefused(String properties, String message) {
        assertRefused(object(properties), INVALID_REQUEST, message);
    }

    private static String object(String properties) {
        return "{" + properties.replace('\'', '"') + "}";
    }

    private static void assertRefused(String body, ErrorCode code, String message) {
        ReadJob read = new JobReader().read(body.getBytes(StandardCharsets.UTF_8));

        assertThat(read).isInstanceOfSatisfying(ReadJob.Refused.class, refused -> {
            assertThat(refused.message()).contains(message);
            assertThat(refused.code()).isEqualTo(code);
        });
    }
}
