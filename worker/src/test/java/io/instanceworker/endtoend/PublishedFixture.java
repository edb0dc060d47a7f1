package io.instanceworker.endtoend;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.testing.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Evidence of one instance, 42, to be written down event by event; times are seconds after dawn. */
abstract class PublishedFixture {

    static final Instant DAWN = Instant.parse("2026-11-20T06:00:00Z");

    static final InstanceRef INSTANCE = new InstanceRef("42", null, null, "ods_42");

    final List<SentJob> jobs = new ArrayList<>();
    final List<String> noJobs = new ArrayList<>();
    final List<InstanceStatusEvent> events = new ArrayList<>();
    final List<QueuedMessage> dead = new ArrayList<>();
    final Map<String, Long> depths = new TreeMap<>();

    Evidence evidence() {
        return new Evidence(jobs, noJobs, events, dead, depths);
    }

    void sent(String jobId, Operation operation) {
        jobs.add(new SentJob(jobId, operation, INSTANCE, null, 1));
    }

    static JobFacts facts(
            String jobId, @Nullable Operation operation, OutcomeKind outcome, int attempt, int from, int to) {
        return new JobFacts(
                jobId,
                operation,
                "default",
                operation == null ? InstanceRef.NONE : INSTANCE,
                attempt,
                5,
                JobFacts.sequence(attempt, outcome),
                DAWN.plusSeconds(from),
                outcome == OutcomeKind.IN_PROGRESS ? null : DAWN.plusSeconds(to),
                "worker",
                null,
                null);
    }

    static InstanceStatusEvent event(JobResult result) {
        return InstanceStatusEvent.of(result, DAWN);
    }

    static InstanceStatusEvent inProgress(String jobId, int attempt, int from) {
        return event(new JobResult.InProgress(
                facts(jobId, Operation.ADD, OutcomeKind.IN_PROGRESS, attempt, from, from),
                StateReport.of(InstanceState.BUILDING)));
    }

    static InstanceStatusEvent done(String jobId, Operation operation, int attempt, int from, int to, boolean changed) {
        return event(new JobResult.Succeeded(
                facts(jobId, operation, OutcomeKind.SUCCEEDED, attempt, from, to),
                changed,
                StateReport.of(operation == Operation.DELETE ? InstanceState.NOT_FOUND : InstanceState.ONLINE),
                null,
                null,
                null));
    }

    static InstanceStatusEvent failed(String jobId, int attempt, int from) {
        return failed(jobId, ErrorCode.SOURCE_BUSY, attempt, from);
    }

    static InstanceStatusEvent failed(String jobId, ErrorCode code, int attempt, int from) {
        return event(new JobResult.Failed(
                facts(jobId, Operation.ADD, OutcomeKind.FAILED, attempt, from, from),
                new JobError(code, "not now", null, null),
                DAWN));
    }

    static InstanceStatusEvent error(String jobId, ErrorCode code, int attempt, int from) {
        return event(new JobResult.Error(
                facts(jobId, Operation.ADD, OutcomeKind.ERROR, attempt, from, from),
                new JobError(code, "no", null, null)));
    }

    static InstanceStatusEvent rejected(String jobId) {
        return event(new JobResult.Rejected(
                facts(jobId, null, OutcomeKind.REJECTED, 0, 0, 0),
                new JobError(ErrorCode.MALFORMED_MESSAGE, "no", null, null)));
    }

    static QueuedMessage dead(String jobId, ErrorCode code) {
        return message("{}", Map.of("iw-job-id", jobId, "iw-error-code", code.name()));
    }

    static QueuedMessage message(String body, Map<String, String> headers) {
        ObjectNode properties = JsonMapper.shared().createObjectNode();
        properties.set("headers", JsonMapper.shared().valueToTree(headers));
        return new QueuedMessage(
                Base64.getEncoder().encodeToString(body.getBytes(StandardCharsets.UTF_8)), properties, "", "", false);
    }
}
