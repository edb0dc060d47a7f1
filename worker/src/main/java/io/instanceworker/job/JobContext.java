package io.instanceworker.job;

import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.provision.Server;
import java.time.Clock;
import java.time.Instant;

/** What stays the same while one delivery of a job is processed. */
record JobContext(
        Job job,
        Server server,
        JobHandler.Policy policy,
        JobObserver observer,
        RunJournal journal,
        ResultFactory results,
        Clock clock) {

    Instant now() {
        return clock.instant();
    }

    Instant deadline(JobAttempt attempt) {
        Instant own = job.header().deadline();
        return own == null ? attempt.receivedAt().plus(policy.defaultDeadline()) : own;
    }

    InstanceStatusEvent event(JobResult result) {
        return InstanceStatusEvent.of(result, now());
    }

    /** Ends the job. Writes the end into the journal if it is not written yet. */
    Disposition recordEnd(JobAttempt attempt, InstanceStatusEvent event, boolean deadLettered) {
        if (journal.recordedEnd() == null) {
            journal.end(event, deadLettered);
        }
        return new Disposition.Ended(
                event, deadLettered, journal.runId(), attempt.progress().firstFailureAt());
    }
}
