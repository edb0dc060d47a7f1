package io.instanceworker.contracts.recorder;

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
import io.instanceworker.contracts.testing.Any;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What jobs on one instance told, one attempt after the other, as their lock makes them.
 *
 * @param truth the event that a recorder must end at
 */
record History(List<InstanceStatusEvent> events, InstanceStatusEvent truth) {

    private static final JobError ERROR = new JobError(ErrorCode.TIMEOUT, "The server did not answer.", null, null);

    /** Attempts of several jobs in turn; some are run twice because a worker died, some jobs are replayed after failing. */
    static History draw(Any any, int jobs) {
        List<InstanceStatusEvent> events = new ArrayList<>();
        int[] attempts = new int[jobs];
        Instant now = Instant.parse("2026-11-20T10:00:00Z");
        InstanceStatusEvent truth = null;
        for (int turn = any.integer(1, 8); turn > 0; turn--) {
            int job = any.integer(0, jobs - 1);
            Operation operation =
                    List.of(Operation.ADD, Operation.DELETE, Operation.COPY).get(job % 3);
            int attempt = ++attempts[job];
            now = now.plus(Duration.ofMillis(any.integer(1, 600_000)));
            add(events, now, job, operation, attempt, OutcomeKind.IN_PROGRESS);
            addProgress(events, any);
            OutcomeKind ending = any.of(OutcomeKind.FAILED, OutcomeKind.ERROR, OutcomeKind.SUCCEEDED);
            if (any.bool()) {
                OutcomeKind toldBefore = ending == OutcomeKind.SUCCEEDED
                        ? any.of(OutcomeKind.FAILED, OutcomeKind.ERROR, OutcomeKind.SUCCEEDED)
                        : OutcomeKind.FAILED;
                add(events, now, job, operation, attempt, toldBefore);
                now = now.plusMillis(1);
                add(events, now, job, operation, attempt, OutcomeKind.IN_PROGRESS);
                addProgress(events, any);
            }
            truth = add(events, now, job, operation, attempt, ending);
            if (any.bool()) {
                add(events, now, jobs + turn, operation, 0, OutcomeKind.REJECTED);
                add(events, now, -turn, Operation.INFO, 1, OutcomeKind.SUCCEEDED);
            }
        }
        return new History(List.copyOf(events), truth);
    }

    /** Of the attempt that has just started, which begins at 0 % also when it is run a second time. */
    private static void addProgress(List<InstanceStatusEvent> events, Any any) {
        InstanceStatusEvent started = events.get(events.size() - 1);
        for (int percent = any.integer(0, 60); any.bool() && percent <= 100; percent += any.integer(1, 40)) {
            events.add(InstanceStatusEvent.of(((JobResult.InProgress) started.data()).at(percent), started.time()));
        }
    }

    private static InstanceStatusEvent add(
            List<InstanceStatusEvent> events,
            Instant startedAt,
            int job,
            Operation operation,
            int attempt,
            OutcomeKind outcome) {
        Instant finishedAt = outcome == OutcomeKind.IN_PROGRESS ? null : startedAt;
        JobFacts facts = new JobFacts(
                "job" + job,
                operation,
                "default",
                new InstanceRef("42", null, null, "edfi_42"),
                attempt,
                5,
                JobFacts.sequence(attempt, outcome),
                startedAt,
                finishedAt,
                "worker",
                null,
                null);
        StateReport state = StateReport.of(InstanceState.ONLINE);
        JobResult result = switch (outcome) {
            case IN_PROGRESS -> new JobResult.InProgress(facts, state);
            case SUCCEEDED -> new JobResult.Succeeded(facts, true, state, null, null, null);
            case FAILED -> new JobResult.Failed(facts, ERROR, startedAt.plusSeconds(5));
            case ERROR -> new JobResult.Error(facts, ERROR);
            case REJECTED -> new JobResult.Rejected(facts, ERROR);
        };
        InstanceStatusEvent event = InstanceStatusEvent.of(result, startedAt);
        events.add(event);
        return event;
    }
}
