package io.instanceworker.endtoend;

import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.testing.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What the broker shows after the dust has settled.
 *
 * @param jobs all that were sent
 * @param noJobs the bodies that were sent and of which no job, and no job's id, can be made out
 * @param events in the order in which instance.status gave them
 * @param dead what instance.jobs.dead holds
 * @param depths messages by lane and wait tier, ready or unacknowledged
 */
record Evidence(
        List<SentJob> jobs,
        List<String> noJobs,
        List<InstanceStatusEvent> events,
        List<QueuedMessage> dead,
        Map<String, Long> depths) {

    static List<InstanceStatusEvent> read(List<Event> events) {
        EventReader reader = new EventReader();
        return events.stream()
                .map(event -> reader.read(event.body().getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    List<InstanceStatusEvent> of(String jobId) {
        return events.stream()
                .filter(event -> event.data().facts().jobId().equals(jobId))
                .toList();
    }
}
