package io.instanceworker.contracts.recorder;

import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.OutcomeKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a recorder remembers of an instance beside its status: the event that was applied last. It is kept when the instance
 * is deleted, for as long as late events may arrive.
 *
 * @param eventId null for a job that was sent and of which nothing was heard yet
 * @param startedAt when the attempt began that the event tells of
 * @param onlyRejected whether nothing is known of this job but that it was rejected; false for one that the recorder itself
 *     has sent and waits for
 */
public record Recorded(String jobId, @Nullable String eventId, long sequence, Instant startedAt, boolean onlyRejected) {

    /** What a recorder remembers that itself has just sent a job for the instance: every event of it applies. */
    public static Recorded awaiting(String jobId, Instant sentAt) {
        return new Recorded(jobId, null, 0, sentAt, false);
    }

    /**
     * What is remembered after an event that {@linkplain Decision#isRemembered is to be}. Within one job nothing goes back:
     * neither the time, should the clocks of two workers differ, nor that the job was awaited or started.
     */
    public static Recorded after(@Nullable Recorded before, InstanceStatusEvent event) {
        JobFacts facts = event.data().facts();
        boolean rejected = event.data().outcome() == OutcomeKind.REJECTED;
        if (before == null || !before.jobId().equals(facts.jobId())) {
            return new Recorded(facts.jobId(), event.id(), facts.sequence(), facts.startedAt(), rejected);
        }
        Instant startedAt = facts.startedAt().isAfter(before.startedAt()) ? facts.startedAt() : before.startedAt();
        return new Recorded(facts.jobId(), event.id(), facts.sequence(), startedAt, rejected && before.onlyRejected());
    }
}
