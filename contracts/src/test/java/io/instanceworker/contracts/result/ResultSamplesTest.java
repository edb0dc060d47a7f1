package io.instanceworker.contracts.result;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.testing.ContractFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

class ResultSamplesTest {

    static List<Path> samples() {
        return ContractFiles.in("samples/results");
    }

    @ParameterizedTest
    @MethodSource("samples")
    void sampleIsExactlyWhatTheWorkerWrites(Path sample) {
        InstanceStatusEvent event = read(sample);

        assertThat(ContractFiles.resultMistakes(ContractFiles.json(sample))).isEmpty();
        assertThat(new String(new EventWriter().write(event), StandardCharsets.UTF_8))
                .isEqualTo(new String(StrictJson.write(ContractFiles.json(sample)), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void sampleHasTheDerivedIdAndSequence(Path sample) {
        InstanceStatusEvent event = read(sample);
        JobFacts facts = event.data().facts();

        assertThat(event).isEqualTo(InstanceStatusEvent.of(event.data(), event.time()));
        Integer progress = event.data().progress();
        assertThat(facts.sequence())
                .isEqualTo(JobFacts.sequence(facts.attempt(), event.data().outcome())
                        + (progress == null ? 0 : 1 + progress));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void fileIsNamedAfterOperationAndStatus(Path sample) {
        JobResult result = read(sample).data();
        StatusName status = result.outcome().status(result.facts().operation());
        boolean byStatus = status != null && result.outcome() != OutcomeKind.REJECTED;
        String last =
                byStatus ? status.name().replace('_', '-') : result.outcome().lowerCaseName();

        assertThat(sample.getFileName().toString()).startsWith(operation(result) + "-");
        assertThat(sample.getFileName().toString()).contains("-" + last.toLowerCase(Locale.ROOT));
    }

    @Test
    void thereIsASampleOfEveryOperationAndOutcome() {
        List<String> told = samples().stream()
                .map(sample -> read(sample).data())
                .map(result -> operation(result) + " " + result.outcome())
                .toList();

        for (Operation operation : Operation.values()) {
            Stream.of(OutcomeKind.values())
                    .filter(outcome -> operation.changesDatabases() || outcome != OutcomeKind.IN_PROGRESS)
                    .forEach(outcome -> assertThat(told).contains(operation.lowerCaseName() + " " + outcome));
        }
        assertThat(told).contains("unknown REJECTED");
    }

    @Test
    void anEventWithProgressDiffersFromTheFirstOfItsAttempt() {
        JobResult.InProgress started = (JobResult.InProgress) new EventReader()
                .read(ContractFiles.bytes("samples/results/copy-create-in-progress.json"))
                .data();
        InstanceStatusEvent first = InstanceStatusEvent.of(started, Instant.EPOCH);
        InstanceStatusEvent later = InstanceStatusEvent.of(started.at(40).at(41), Instant.EPOCH);

        assertThat(first.id()).isEqualTo("CopyInstanceJob-tenant1-50/1/CreateInProgress");
        assertThat(later.id()).isEqualTo(first.id() + "/41");
        assertThat(later.routingKey()).isEqualTo(first.routingKey());
        assertThat(later.data().facts().sequence()).isEqualTo(1042);
    }

    @Test
    void onlyAnEventInProgressMayHaveProgress() {
        for (Path sample : samples()) {
            ObjectNode event = ContractFiles.json(sample);
            event.withObject("/data").put("progress", 40);
            boolean inProgress = read(sample).data().outcome() == OutcomeKind.IN_PROGRESS;
            assertThat(ContractFiles.resultMistakes(event).isEmpty())
                    .as("%s", sample)
                    .isEqualTo(inProgress);
            event.withObject("/data").put("progress", 101);
            assertThat(ContractFiles.resultMistakes(event)).isNotEmpty();
        }
    }

    @Test
    void timesAreCutToMilliseconds() {
        InstanceStatusEvent sample = new EventReader().read(ContractFiles.bytes("samples/results/add-created.json"));
        Instant precise = Instant.parse("2026-11-20T10:00:01.250999999Z");
        byte[] written =
                new EventWriter().write(new InstanceStatusEvent("id", "subject", precise, null, sample.data()));

        assertThat(new String(written, StandardCharsets.UTF_8)).contains("\"time\":\"2026-11-20T10:00:01.250Z\"");
    }

    private static String operation(JobResult result) {
        Operation operation = result.facts().operation();
        return operation == null ? "unknown" : operation.lowerCaseName();
    }

    private static InstanceStatusEvent read(Path sample) {
        return new EventReader().read(ContractFiles.bytes(sample));
    }
}
