package io.instanceworker.contracts.recorder;

import static io.instanceworker.contracts.recorder.Decision.APPLY;
import static io.instanceworker.contracts.recorder.Decision.CONTRADICTION;
import static io.instanceworker.contracts.recorder.Decision.LATE;
import static io.instanceworker.contracts.recorder.Decision.NO_STATUS;
import static io.instanceworker.contracts.recorder.Decision.OTHER_JOB;
import static io.instanceworker.contracts.recorder.Decision.REPEAT;

import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an event changes the recorded status of an instance. Events arrive at least once and in any order. A recorder
 * that applies these rules to the events of an instance, one after the other, always ends with the same status.
 *
 * <ol>
 *   <li>The event has no status (Info, Status, a rejected message whose operation is not known): it never changes the recorded
 *       status.
 *   <li>Nothing is recorded: the event applies.
 *   <li>The event is of the recorded job: it applies if its sequence is greater. With the same sequence it is a repeat if the
 *       id is the same, and a contradiction if not. This is also true after a final failure, because the attempts of a replayed
 *       job are numbered on.
 *   <li>The event is of another job, and either the event is a Rejected or the recorded job was only rejected, but not both: it
 *       applies if it is not the Rejected. A job that was never started says nothing about the instance.
 *   <li>The event is of another job, in all other cases: it applies if its attempt started later. Jobs on one database exclude
 *       each other, so their attempts do not overlap. Attempts are compared, not whole jobs, because other jobs may run while
 *       a job waits for its next attempt. If both attempts started in the same millisecond, the greater jobId applies (compared
 *       by UTF-16 code units, as in Java and in .NET's ordinal comparison), so that the order of arrival does not matter.
 * </ol>
 *
 * <p>For the last rule, the clocks of the workers must differ by less than the time between two jobs on one instance.
 */
public final class Recorder {

    private Recorder() {}

    /**
     * @param recorded what is recorded of the event's instance; null if nothing
     */
    public static Decision decide(@Nullable Recorded recorded, InstanceStatusEvent event) {
        JobResult result = event.data();
        JobFacts facts = result.facts();
        if (result.outcome().status(facts.operation()) == null) {
            return NO_STATUS;
        }
        if (recorded == null) {
            return APPLY;
        }
        if (recorded.jobId().equals(facts.jobId())) {
            return sameJob(recorded, event.id(), facts.sequence());
        }
        boolean rejected = result.outcome() == OutcomeKind.REJECTED;
        if (rejected != recorded.onlyRejected()) {
            return rejected ? OTHER_JOB : APPLY;
        }
        return isLater(facts, recorded) ? APPLY : OTHER_JOB;
    }

    private static Decision sameJob(Recorded recorded, String eventId, long sequence) {
        if (sequence != recorded.sequence()) {
            return sequence > recorded.sequence() ? APPLY : LATE;
        }
        return eventId.equals(recorded.eventId()) ? REPEAT : CONTRADICTION;
    }

    private static boolean isLater(JobFacts facts, Recorded recorded) {
        int order = facts.startedAt().compareTo(recorded.startedAt());
        return order == 0 ? facts.jobId().compareTo(recorded.jobId()) > 0 : order > 0;
    }
}
