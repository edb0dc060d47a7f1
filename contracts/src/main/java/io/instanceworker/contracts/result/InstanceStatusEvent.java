package io.instanceworker.contracts.result;

import io.instanceworker.contracts.InstanceRef;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A result in its CloudEvents 1.0 envelope.
 *
 * @param id deterministic: if a crash causes the event to be published again, the second event has the same id, and a recorder
 *     can drop it
 * @param subject {@code tenant/id} of the instance, or its id alone; null if the job is not about one instance
 * @param trace the trace in which the event was published; null if it is in none
 */
public record InstanceStatusEvent(
        String id,
        @Nullable String subject,
        Instant time,
        @Nullable TraceContext trace,
        JobResult data) {

    public static final String SOURCE = "/instance-worker";
    public static final String TYPE = "io.instanceworker.InstanceStatus.v1";
    public static final String CONTENT_TYPE = "application/cloudevents+json";

    /** The event that carries this result. */
    public static InstanceStatusEvent of(JobResult result, Instant time) {
        return new InstanceStatusEvent(idOf(result), subjectOf(result.facts().instance()), time, null, result);
    }

    /** The same event, published in this trace. */
    public InstanceStatusEvent in(@Nullable TraceContext newTrace) {
        return new InstanceStatusEvent(id, subject, time, newTrace, data);
    }

    /**
     * {@code jobId/attempt/status}, or {@code jobId/attempt/outcome} if the operation has no status; of an event with progress
     * {@code jobId/attempt/status/percent}.
     */
    private static String idOf(JobResult result) {
        JobFacts facts = result.facts();
        StatusName status = result.outcome().status(facts.operation());
        String last = status == null ? result.outcome().jsonName() : status.jsonName();
        String percent = result.progress() == null ? "" : "/" + result.progress();
        return facts.jobId() + "/" + facts.attempt() + "/" + last + percent;
    }

    private static @Nullable String subjectOf(InstanceRef instance) {
        return instance.tenant() == null || instance.id() == null
                ? instance.id()
                : instance.tenant() + "/" + instance.id();
    }

    /** {@code status.<operation>.<outcome>} in lower case; {@code unknown} if a rejected message has no known operation. */
    public String routingKey() {
        String operation = data.facts().operation() == null
                ? "unknown"
                : data.facts().operation().jsonName().toLowerCase(Locale.ROOT);
        return "status." + operation + "." + data.outcome().lowerCaseName();
    }
}
