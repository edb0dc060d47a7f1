package io.instanceworker.contracts.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobReaderTest {

    private static final String STATUS = "{\"operation\": \"Status\"}";

    @Test
    void jobIdIsDerivedFromTheBytes() {
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
    void namesDifferingOnlyByCaseAreTwoDatabases() {
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
    void refusalTellsAllThatCanBeMadeOut() {
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
    void refusedObjectWithoutJobIdHasTheDerivedOne() {
        assertThat(refused("{}".getBytes(StandardCharsets.UTF_8)).jobId())
                .isEqualTo("sha256-44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    @Test
    void refusedOtherJsonHasNone() {
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
