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
 * Whether an event changes what is recorded of an instance. Events arrive at least once and in any order; a recorder that
 * follows these rules, one event of an instance after the other, ends at the same status all the same.
 *
 * <ol>
 *   <li>An event without a status (Info, Status, a rejected message whose operation is not known) never changes one.
 *   <li>Nothing recorded: it applies.
 *   <li>The recorded job: it applies if its sequence is greater. The same sequence is a repeat if the id is the same, else a
 *       contradiction. This also holds after a final failure, since a job that a person replays counts its attempts on.
 *   <li>Another job, and either the event is a Rejected or the recorded job was only rejected, but not both: it applies if it
 *       is not the Rejected. A message that was never started says nothing of an instance that others work on.
 *   <li>Another job otherwise: it applies if its attempt began later. Jobs on one database exclude each other, so their
 *       attempts lie one after the other; attempts and not whole jobs are compared, because a job that waits for its next
 *       attempt lets others pass. If both began in the same millisecond, the greater jobId (by UTF-16 code units, as Java and
 *       .NET's ordinal comparison have it) applies, so that the order of arrival does not matter.
 * </ol>
 *
 * <p>The last rule needs the clocks of the workers to agree better than the time between two jobs on one instance.
 */
public final class Recorder {

    private Recorder() {}

    /**
     * @param recorded of the instance that the event is about; null if nothing is
     * @return what to do
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
