package io.instanceworker.contracts.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.testing.Any;
import io.instanceworker.contracts.testing.ContractFiles;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.node.ObjectNode;

class EventRoundTripTest {

    @Provide
    Arbitrary<InstanceStatusEvent> events() {
        return Any.arbitrary(Events::draw);
    }

    @Property
    void writtenEventIsValidAndReadsAsItself(@ForAll("events") InstanceStatusEvent event) {
        byte[] written = new EventWriter().write(event);

        assertThat(ContractFiles.resultMistakes(json(written))).isEmpty();
        assertThat(new EventReader().read(written)).isEqualTo(event);
        assertThat(new EventWriter().write(event)).isEqualTo(written);
    }

    @Property(tries = 200)
    void anEventInAsciiReadsAsItself(@ForAll("events") InstanceStatusEvent event) {
        byte[] ascii = new EventWriter().writeAscii(event).getBytes(StandardCharsets.US_ASCII);

        assertThat(new EventReader().read(ascii)).isEqualTo(event);
    }

    @Property(tries = 200)
    void unknownPropertiesAreIgnored(@ForAll("events") InstanceStatusEvent event) {
        ObjectNode json = json(new EventWriter().write(event));
        json.put("later", "more");
        json.withObject("/data").put("later", true);

        assertThat(ContractFiles.resultMistakes(json)).isEmpty();
        assertThat(new EventReader().read(StrictJson.write(json))).isEqualTo(event);
    }

    @Property(tries = 50)
    void truncatedEventIsRefused(@ForAll("events") InstanceStatusEvent event) {
        byte[] written = new EventWriter().write(event);

        for (int length = 0; length < written.length; length += 7) {
            byte[] truncated = Arrays.copyOf(written, length);
            assertThatIllegalArgumentException().isThrownBy(() -> new EventReader().read(truncated));
        }
    }

    @Property(tries = 200)
    void everyPropertyOfDataIsRequiredByTheSchema(@ForAll("events") InstanceStatusEvent event) {
        ObjectNode json = json(new EventWriter().write(event));

        for (String name : json.get("data").propertyNames()) {
            ObjectNode without = json.deepCopy();
            without.withObject("/data").remove(name);
            boolean optional = List.of("instances", "warnings", "progress").contains(name);
            assertThat(ContractFiles.resultMistakes(without).isEmpty()).as(name).isEqualTo(optional);
        }
    }

    private static ObjectNode json(byte[] written) {
        return StrictJson.parseObject(new String(written, StandardCharsets.UTF_8));
    }
}
