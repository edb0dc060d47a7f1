package io.instanceworker.contracts.result;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.contracts.json.JsonProperties;
import io.instanceworker.contracts.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads what {@link EventWriter} writes, for recorders and tests. Unknown properties are ignored.
 *
 * <p>A property that is derived from other properties is compared with its derived value. An event in which they differ is
 * refused.
 */
public final class EventReader {

    private static final List<String> DERIVED =
            List.of("isError", "changed", "status", "legacyStatus", "willRetry", "durationMs");

    /** @throws IllegalArgumentException if this is not an event of this type and version; its message says why */
    public InstanceStatusEvent read(byte[] json) {
        ObjectNode envelope = StrictJson.parseObject(new String(json, StandardCharsets.UTF_8));
        JsonProperties event = JsonProperties.exact(envelope);
        requireValue(event, "specversion", "1.0");
        requireValue(event, "type", InstanceStatusEvent.TYPE);
        JsonProperties data = event.required("data", event.object("data"));
        JobResult result = result(data);
        requireConsistent(data, EventWriter.data(result));
        return new InstanceStatusEvent(
                event.required("id", event.string("id")),
                event.string("subject"),
                event.required("time", event.instant("time")),
                trace(event),
                result);
    }

    private static @Nullable TraceContext trace(JsonProperties event) {
        String traceparent = event.string("traceparent");
        return traceparent == null ? null : new TraceContext(traceparent, event.string("tracestate"));
    }

    private static JobResult result(JsonProperties data) {
        JobFacts facts = facts(data);
        StateReport state = EventParts.state(data.object("state"));
        return switch (outcome(data)) {
            case IN_PROGRESS -> new JobResult.InProgress(facts, state, EventParts.percent(data));
            case SUCCEEDED ->
                new JobResult.Succeeded(
                        facts,
                        data.required("changed", data.bool("changed")),
                        state,
                        EventParts.info(data.object("info")),
                        EventParts.page(data),
                        data.string("connectionString"),
                        data.any("warnings") == null ? List.of() : data.strings("warnings"));
            case FAILED ->
                new JobResult.Failed(
                        facts,
                        data.required("state", state),
                        error(data),
                        data.required("nextAttemptAt", data.instant("nextAttemptAt")));
            case ERROR -> new JobResult.Error(facts, data.required("state", state), error(data));
            case REJECTED -> new JobResult.Rejected(facts, error(data));
        };
    }

    private static JobFacts facts(JsonProperties data) {
        JsonProperties instance = data.object("instance");
        return new JobFacts(
                data.required("jobId", data.string("jobId")),
                EventParts.operation(data, "operation"),
                data.string("server"),
                instance == null ? InstanceRef.NONE : EventParts.instance(instance),
                Math.toIntExact(data.required("attempt", data.integer("attempt", 0, Integer.MAX_VALUE))),
                Math.toIntExact(data.required("maxAttempts", data.integer("maxAttempts", 1, Integer.MAX_VALUE))),
                data.required("sequence", data.integer("sequence", 0, Long.MAX_VALUE)),
                data.required("startedAt", data.instant("startedAt")),
                data.instant("finishedAt"),
                data.required("worker", data.string("worker")),
                data.string("requestedBy"),
                data.any("context"));
    }

    private static OutcomeKind outcome(JsonProperties data) {
        String name = data.required("outcome", data.string("outcome"));
        return OutcomeKind.named(name)
                .orElseThrow(() -> data.mistake("outcome", Excerpt.quoted(name) + " is not known"));
    }

    private static JobError error(JsonProperties data) {
        return EventParts.error(data.required("error", data.object("error")));
    }

    private static void requireValue(JsonProperties event, String name, String value) {
        if (!value.equals(event.required(name, event.string(name)))) {
            throw event.mistake(name, "must be \"" + value + '"');
        }
    }

    private static void requireConsistent(JsonProperties data, ObjectNode expected) {
        for (String name : DERIVED) {
            String given = String.valueOf(data.any(name));
            String right = String.valueOf(expected.get(name));
            if (!given.equals(right)) {
                throw data.mistake(name, "is " + Excerpt.of(given) + " where the rest says " + right);
            }
        }
    }
}
