package io.instanceworker.contracts.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobReaderTest {

    private static final String STATUS = "{\"operation\": \"Status\"}";

    @Test
    void aMissingJobIdIsDerivedFromTheBytes() {
        // printf '{"operation": "Status"}' | sha256sum
        assertThat(accepted(STATUS).jobId())
                .isEqualTo("sha256-3d16e482cda98cba0c8d871a414adb15dbc68c640761e3605359ca562e7dd164");
        assertThat(accepted(STATUS + " ").jobId())
                .startsWith("sha256-")
                .isNotEqualTo(accepted(STATUS).jobId());
    }

    @Test
    void byteOrderMarkIsTolerated() {
        assertThat(accepted('\uFEFF' + STATUS).operation()).isEqualTo(Operation.STATUS);
    }

    @Test
    void bytesThatAreNotUtf8AreMalformed() {
        assertThat(refused(STATUS.getBytes(StandardCharsets.UTF_16)).message()).isEqualTo("The message is not UTF-8.");
        byte[] latin1 = "{\"operation\": \"Status\", \"requestedBy\": \"Zoë\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(refused(latin1).code()).isEqualTo(ErrorCode.MALFORMED_MESSAGE);
        byte[] modified = "{\"context\": \"\uD83C\uDFEB\"}".getBytes(Charset.forName("CESU-8"));
        assertThat(refused(modified).code()).isEqualTo(ErrorCode.MALFORMED_MESSAGE);
    }

    @Test
    void largestMessageIsReadAndOneByteMoreIsNot() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(STATUS.getBytes(StandardCharsets.UTF_8));
        body.writeBytes(" ".repeat(JobReader.MAX_BYTES - body.size()).getBytes(StandardCharsets.UTF_8));
        assertThat(new JobReader().read(body.toByteArray())).isInstanceOf(ReadJob.Accepted.class);

        body.write(' ');
        assertThat(refused(body.toByteArray()))
                .returns(ErrorCode.MALFORMED_MESSAGE, ReadJob.Refused::code)
                .returns("The message has 262145 bytes; at most 262144 are allowed.", ReadJob.Refused::message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1.0", "1.00", "1e0", "1.7", "\"1\"", "\"1.0\"", "\"1.7\"", "\"1.2.3\"", "null"})
    void everyMinorVersionIsRead(String version) {
        assertThat(accepted("{\"operation\": \"Status\", \"schemaVersion\": " + version + "}"))
                .isInstanceOf(StatusPageJob.class);
    }

    @Test
    void deepestContextIsRead() {
        String deep = "{\"operation\": \"Status\", \"context\": " + "[".repeat(59) + "]".repeat(59) + "}";

        assertThat(accepted(deep).header().context()).isNotNull();
    }

    @Test
    void enumeratedValuesAreReadInAnyCase() {
        StatusPageJob page =
                (StatusPageJob) accepted("{\"operation\": \"sTATUS\", \"filter\": {\"state\": \"recovery_Pending\"}}");
        CopyJob copy = (CopyJob) accepted("""
                {"operation": "copy", "instance": {"databaseName": "b"}, "source": {"databaseName": "a"},
                 "whenSourceBusy": "Disconnect"}
                """);

        assertThat(page.filter().state()).isEqualTo(InstanceState.RECOVERY_PENDING);
        assertThat(copy.whenSourceBusy()).isEqualTo(WhenSourceBusy.DISCONNECT);
    }

    @Test
    void databaseNamesThatDifferOnlyByCaseAreTwoDatabases() {
        String copy =
                "{\"operation\": \"Copy\", \"instance\": {\"databaseName\": \"a\"}, \"source\": {\"databaseName\": \"A\"}}";

        assertThat(accepted(copy)).isInstanceOf(CopyJob.class);
    }

    @Test
    void contextMayRepeatNamesInAnotherCase() {
        assertThat(accepted("{\"operation\": \"Status\", \"context\": {\"a\": 1, \"A\": 2}}"))
                .isNotNull();
        assertThat(accepted("{\"operation\": \"Status\", \"new\": 1, \"New\": 2}"))
                .isNotNull();
    }

    @Test
    void aRefusalHasAllThatCouldBeRead() {
        ReadJob.Refused refused = refused("""
                {"jobId": 7, "operation": "delete", "server": "reporting", "allowUnmanaged": "yes", "context": {"x": 1},
                 "instance": {"id": 42, "tenant": 5, "name": "Grand Bend", "databaseName": "a"}}
                """.getBytes(StandardCharsets.UTF_8));

        assertThat(refused)
                .returns("7", ReadJob.Refused::jobId)
                .returns(Operation.DELETE, ReadJob.Refused::operation)
                .returns("reporting", ReadJob.Refused::server)
                .returns(new InstanceRef("42", null, "Grand Bend", "a"), ReadJob.Refused::instance);
        assertThat(refused.context()).hasToString("{\"x\":1}");
    }

    @Test
    void longestNamesAreRead() {
        String school = "\uD83C\uDFEB";
        Job job = accepted("""
                {"operation": "Add", "server": "%1$s", "template": "%1$s",
                 "instance": {"id": "%2$s", "tenant": "%2$s", "name": "%1$s", "databaseName": "%1$s"}}
                """.formatted(school.repeat(255), school.repeat(150)));

        assertThat(((AddJob) job).instance())
                .isEqualTo(new InstanceRef(
                        school.repeat(150), school.repeat(150), school.repeat(255), school.repeat(255)));
    }

    @Test
    void aRefusalLeavesOutValuesThatAreTooLong() {
        String longName = "EdFi_Ods".repeat(1_620);
        ReadJob.Refused refused = refused("""
                {"jobId": "j", "operation": "Add", "server": "%1$s", "template": "Minimal", "requestedBy": "%1$s",
                 "instance": {"id": "%1$s", "tenant": "%1$s", "name": "%1$s", "databaseName": "%1$s"}}
                """.formatted(longName).getBytes(StandardCharsets.UTF_8));

        assertThat(refused)
                .returns(ErrorCode.INVALID_REQUEST, ReadJob.Refused::code)
                .returns("j", ReadJob.Refused::jobId)
                .returns(null, ReadJob.Refused::server)
                .returns(new InstanceRef(null, null, null, null), ReadJob.Refused::instance);
        assertThat(refused.requestedBy()).hasSize(255);
        assertThat(refused.message()).hasSizeLessThan(300);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2026-11-20T10:00:00\"",
                "\"2026-11-20 10:00\"",
                "\"yesterday\"",
                "\"\"",
                "1790000000",
                "{\"at\": []}",
                "[1]",
                "true",
                "null",
                "\"\\ud800\"",
                "\"2026-11-20T10:00:00Z\", \"RequestedAt\": \"2026-11-20T10:00:00Z\""
            })
    void requestedAtOfAnyFormDoesNotFailTheJob(String requestedAt) {
        assertThat(accepted("{\"operation\": \"Status\", \"requestedAt\": " + requestedAt + "}")
                        .header()
                        .requestedAt())
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\"  \"",
                "1790000000",
                "{\"name\": \"me\"}",
                "[\"me\"]",
                "true",
                "null",
                "\"me\", \"RequestedBy\": \"you\""
            })
    void requestedByIsAbsentWhereItIsNoText(String requestedBy) {
        assertThat(accepted("{\"operation\": \"Status\", \"requestedBy\": " + requestedBy + "}")
                        .header()
                        .requestedBy())
                .isNull();
    }

    @Test
    void anInvalidRequestedByIsCutAndCleanedAndNotRefused() {
        String school = "\uD83C\uDFEB";
        assertThat(requestedBy("می\u200cخواهم")).isEqualTo("می\u200cخواهم");
        assertThat(requestedBy("a\\n\\u0000\\ud800b")).isEqualTo("a\uFFFD\uFFFD\uFFFDb");
        assertThat(requestedBy(school.repeat(255))).isEqualTo(school.repeat(255));
        assertThat(requestedBy(school.repeat(256))).isEqualTo(school.repeat(254) + "…");
    }

    private static String requestedBy(String text) {
        return accepted("{\"operation\": \"Status\", \"requestedBy\": \"" + text + "\"}")
                .header()
                .requestedBy();
    }

    @Test
    void anEmptyTemplateDiffersFromAnAbsentTemplate() {
        assertThat(template("")).isNull();
        assertThat(template(", \"template\": null")).isNull();
        assertThat(template(", \"template\": \"\"")).isEmpty();
        assertThat(template(", \"template\": \"Minimal\"")).isEqualTo("Minimal");
    }

    private static @Nullable String template(String property) {
        return ((AddJob) accepted("{\"operation\": \"Add\", \"instance\": {\"name\": \"a\"}" + property + "}"))
                .template();
    }

    @Test
    void sizesAreMeasuredUnlessTheJobSaysOtherwise() {
        assertThat(((StatusPageJob) accepted(STATUS)).sizes()).isTrue();
        assertThat(((StatusPageJob) accepted("{\"operation\": \"Status\", \"sizes\": true}")).sizes())
                .isTrue();
        assertThat(((StatusPageJob) accepted("{\"operation\": \"Status\", \"sizes\": false}")).sizes())
                .isFalse();
    }

    @Test
    void aRefusedObjectWithoutAJobIdHasTheDerivedJobId() {
        assertThat(refused("{}".getBytes(StandardCharsets.UTF_8)).jobId())
                .isEqualTo("sha256-44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    @Test
    void refusedJsonThatIsNoObjectHasNoJobId() {
        assertThat(refused("[]".getBytes(StandardCharsets.UTF_8)).jobId()).isNull();
        assertThat(refused("{\"jobId\": true}".getBytes(StandardCharsets.UTF_8)).jobId())
                .isNull();
    }

    private static Job accepted(String body) {
        ReadJob read = new JobReader().read(body.getBytes(StandardCharsets.UTF_8));
        assertThat(read).isInstanceOf(ReadJob.Accepted.class);
        return ((ReadJob.Accepted) read).job();
    }

    private static ReadJob.Refused refused(byte[] body) {
        ReadJob read = new JobReader().read(body);
        assertThat(read).isInstanceOf(ReadJob.Refused.class);
        return (ReadJob.Refused) read;
    }
}
