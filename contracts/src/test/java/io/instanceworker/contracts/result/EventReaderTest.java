package io.instanceworker.contracts.result;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.testing.ContractFiles;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What is no such event, and an event that contradicts itself. */
class EventReaderTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /specversion            | "0.3"          | specversion: must be "1.0"
            /specversion            | null           | specversion: is missing
            /type                   | "x.v2"         | type: must be "io.instanceworker.InstanceStatus.v1"
            /id                     | null           | id: is missing
            /id                     | 5              | id: must be a string, but is a number
            /time                   | "yesterday"    | time: "yesterday" is not a date and time
            /data                   | null           | data: is missing
            /data                   | []             | data: must be an object, but is an array
            /data/jobId             | null           | data.jobId: is missing
            /data/operation         | "Rename"       | data.operation: "Rename" is not known
            /data/operation         | "Delete"       | data.status: is "Created" where the rest says "Deleted"
            /data/instance          | "42"           | data.instance: must be an object
            /data/outcome           | "Done"         | data.outcome: "Done" is not known
            /data/outcome           | "Failed"       | data.error: is missing
            /data/isError           | true           | data.isError: is true where the rest says false
            /data/isError           | null           | data.isError: is null where the rest says false
            /data/changed           | "yes"          | data.changed: must be true or false
            /data/status            | "Deleted"      | data.status: is "Deleted" where the rest says "Created"
            /data/legacyStatus      | null           | data.legacyStatus: is null where the rest says "Completed"
            /data/willRetry         | true           | data.willRetry: is true where the rest says false
            /data/durationMs        | 5              | data.durationMs: is 5 where the rest says 184
            /data/attempt           | -1             | data.attempt: must be a whole number from 0
            /data/maxAttempts       | 0              | data.maxAttempts: must be a whole number from 1
            /data/sequence          | 1.5            | data.sequence: must be a whole number from 0
            /data/startedAt         | null           | data.startedAt: is missing
            /data/state/name        | "ASLEEP"       | data.state.name: "ASLEEP" is not known
            /data/state/code        | "0"            | data.state.code: must be a whole number
            /data/worker            | null           | data.worker: is missing
            /data/instances         | [1]            | data.instances: must be an array of objects, but is a number
            /data/warnings          | "careful"      | data.warnings: must be an array of strings, but is a string
            /data/warnings          | [5]            | data.warnings: must be an array of strings, but is a number
            /data/instances         | {}             | data.instances: must be an array of objects, but is an object
            """)
    void brokenEventIsRefused(String path, String value, String message) {
        assertRefused("add-created", path, value, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            add-create-failed     | /data/nextAttemptAt             | null     | data.nextAttemptAt: is missing
            add-create-failed     | /data/state                     | null     | data.state: is missing
            add-create-in-progress| /data/progress                  | 101      | data.progress: must be a whole number from 0
            add-create-in-progress| /data/progress                  | "40"     | data.progress: must be a whole number
            add-create-failed     | /data/error/code                | "OOPS"   | data.error.code: "OOPS" is not known
            add-create-failed     | /data/error/message             | null     | data.error.message: is missing
            add-create-failed     | /data/error/retryable           | false    | data.error.retryable: is false where the rest says true
            info-succeeded        | /data/info/sizeBytes            | -1       | data.info.sizeBytes: must be a whole number from 0
            info-succeeded        | /data/info/createdAt            | "1 May"  | data.info.createdAt: "1 May" is not a date
            status-page-succeeded | /data/total                     | null     | data.total: is missing
            status-page-succeeded | /data/page                      | 0        | data.page: must be a whole number from 1
            status-page-succeeded | /data/stateCounts/ONLINE        | "3"      | data.stateCounts.ONLINE: must be a whole number
            status-page-succeeded | /data/instances/1/state         | null     | data.instances[1].state: is missing
            status-page-succeeded | /data/instances/1/instance/name | 5        | data.instances[1].instance.name: must be a string
            """)
    void brokenPartIsRefused(String sample, String path, String value, String message) {
        assertRefused(sample, path, value, message);
    }

    @Test
    void jsonThatIsNoObjectIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EventReader().read("[]".getBytes(StandardCharsets.UTF_8)))
                .withMessage("The message must be a JSON object, but is an array.");
        assertThatIllegalArgumentException().isThrownBy(() -> new EventReader().read(new byte[] {(byte) 0xff}));
    }

    private static void assertRefused(String sample, String path, String value, String message) {
        byte[] good = ContractFiles.bytes("samples/results/" + sample + ".json");
        ObjectNode event = StrictJson.parseObject(new String(good, StandardCharsets.UTF_8));
        int last = path.lastIndexOf('/');
        ObjectNode parent = (ObjectNode) event.at(path.substring(0, last));
        parent.set(
                path.substring(last + 1),
                StrictJson.parseObject("{\"value\": " + value + "}").get("value"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EventReader().read(StrictJson.write(event)))
                .withMessageStartingWith(message);
    }
}
