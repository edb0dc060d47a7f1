package io.instanceworker.contracts.recorder;

import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.OutcomeKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a recorder remembers of an instance beside its status: the event that was applied last. Keep it after the instance is
 * deleted, as long as late events may arrive.
 *
 * @param eventId null for a job that the recorder has sent and that has no event yet
 * @param startedAt when the event's attempt started
 * @param onlyRejected true if every known event of this job is a Rejected; false for a job that the recorder itself has sent
 */
public record Recorded(String jobId, @Nullable String eventId, long sequence, Instant startedAt, boolean onlyRejected) {

    /** For a recorder that has just sent a job for the instance itself. Every event of this job applies. */
    public static Recorded awaiting(String jobId, Instant sentAt) {
        return new Recorded(jobId, null, 0, sentAt, false);
    }

    /**
     * What to remember after an event for which {@link Decision#isRemembered} is true. Within one job {@code startedAt} never
     * becomes earlier, even if the clocks of two workers differ, and {@code onlyRejected} stays false once it is false.
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
