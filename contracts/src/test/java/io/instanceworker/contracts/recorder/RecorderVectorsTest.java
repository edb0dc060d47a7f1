package io.instanceworker.contracts.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.json.JsonProperties;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.testing.ContractFiles;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** The same cases that recorders in other languages are checked against. */
class RecorderVectorsTest {

    static List<Path> vectors() {
        return ContractFiles.in("recorder-vectors");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theDecisionIsThatOfTheVector(Path file) {
        ObjectNode vector = ContractFiles.json(file);
        assertThat(ContractFiles.resultMistakes(vector.get("event"))).isEmpty();
        InstanceStatusEvent event = new EventReader().read(StrictJson.write(vector.get("event")));
        JsonProperties properties = JsonProperties.exact(vector);
        Recorded recorded = recorded(properties.object("recorded"));

        Decision decision = Recorder.decide(recorded, event);

        assertThat(decision).as(properties.string("why")).isEqualTo(decision(vector));
        Recorded after = decision.isRemembered() ? Recorded.after(recorded, event) : recorded;
        assertThat(after).isEqualTo(recorded(properties.object("recordedAfter")));
    }

    @Test
    void thereIsAVectorForEveryDecision() {
        assertThat(vectors().stream().map(file -> decision(ContractFiles.json(file))))
                .contains(Decision.values());
    }

    private static Decision decision(ObjectNode vector) {
        return Decision.valueOf(vector.get("decision").stringValue());
    }

    private static @Nullable Recorded recorded(@Nullable JsonProperties recorded) {
        return recorded == null
                ? null
                : new Recorded(
                        recorded.string("jobId"),
                        recorded.string("eventId"),
                        recorded.integer("sequence", 0, Long.MAX_VALUE),
                        recorded.instant("startedAt"),
                        recorded.bool("onlyRejected"));
    }
}
