package io.instanceworker.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StatusName;
import io.instanceworker.contracts.testing.ContractFiles;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every word that the code knows is in the schemas, and no other. */
class SchemaWordsTest {

    private final JsonNode job = schema("job");
    private final JsonNode data = schema("result").at("/$defs/data/properties");

    @Test
    void theEnumsOfTheJobSchemaMatchTheCode() {
        assertThat(words(job.at("/properties/operation"))).containsExactlyInAnyOrder(names(Operation.values()));
        assertThat(words(job.at("/properties/whenSourceBusy")))
                .containsExactlyInAnyOrder(Stream.of(WhenSourceBusy.values())
                        .map(WhenSourceBusy::jsonName)
                        .toArray(String[]::new));
        assertThat(words(job.at("/properties/filter/properties/state")))
                .containsExactlyInAnyOrder(names(InstanceState.values()));
    }

    @Test
    void theEnumsOfTheResultSchemaMatchTheCode() {
        JsonNode definitions = schema("result").get("$defs");
        assertThat(words(data.get("operation"))).containsExactlyInAnyOrder(names(Operation.values()));
        assertThat(words(data.get("outcome")))
                .containsExactlyInAnyOrder(Stream.of(OutcomeKind.values())
                        .map(OutcomeKind::jsonName)
                        .toArray(String[]::new));
        assertThat(words(data.get("status")))
                .containsExactlyInAnyOrder(
                        Stream.of(StatusName.values()).map(StatusName::jsonName).toArray(String[]::new));
        assertThat(words(data.get("legacyStatus")))
                .containsExactlyInAnyOrder(Stream.of(StatusName.values())
                        .map(StatusName::legacyName)
                        .distinct()
                        .toArray(String[]::new));
        assertThat(words(definitions.at("/state/properties/name")))
                .containsExactlyInAnyOrder(names(InstanceState.values()));
        assertThat(words(definitions.at("/error/properties/code")))
                .containsExactlyInAnyOrder(names(ErrorCode.values()));
    }

    private static Stream<String> words(JsonNode property) {
        return property.get("enum")
                .valueStream()
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .filter(word -> !word.isEmpty());
    }

    private static String[] names(Operation[] operations) {
        return Stream.of(operations).map(Operation::jsonName).toArray(String[]::new);
    }

    private static String[] names(Enum<?>[] constants) {
        return Stream.of(constants).map(Enum::name).toArray(String[]::new);
    }

    private static JsonNode schema(String name) {
        byte[] schema = ContractFiles.bytes("schema/" + name + ".schema.json");
        return StrictJson.parseObject(new String(schema, StandardCharsets.UTF_8));
    }
}
