package io.instanceworker.contracts.result;

import static io.instanceworker.contracts.result.EventValues.node;
import static io.instanceworker.contracts.result.EventValues.text;

import io.instanceworker.contracts.json.StrictJson;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a result as a CloudEvent in structured JSON mode, always the same bytes for the same event. Times are cut to
 * milliseconds. Every property of {@code data} is written, as null if it has no value. Only {@code progress}, {@code warnings} and
 * the properties of a page of databases are left out if there are none.
 */
public final class EventWriter {

    public byte[] write(InstanceStatusEvent event) {
        return StrictJson.write(envelope(event));
    }

    /** For a database that cannot hold every character. */
    public String writeAscii(InstanceStatusEvent event) {
        return StrictJson.writeAscii(envelope(event));
    }

    private static ObjectNode envelope(InstanceStatusEvent event) {
        ObjectNode envelope = StrictJson.newObject();
        envelope.put("specversion", "1.0");
        envelope.put("id", event.id());
        envelope.put("source", InstanceStatusEvent.SOURCE);
        envelope.put("type", InstanceStatusEvent.TYPE);
        if (event.subject() != null) {
            // Some CloudEvents libraries do not accept an attribute that is null.
            envelope.put("subject", event.subject());
        }
        envelope.put("time", text(event.time()));
        envelope.put("datacontenttype", "application/json");
        TraceContext trace = event.trace();
        if (trace != null) {
            envelope.put("traceparent", trace.traceparent());
            if (trace.tracestate() != null) {
                envelope.put("tracestate", trace.tracestate());
            }
        }
        envelope.set("data", data(event.data()));
        return envelope;
    }

    static ObjectNode data(JobResult result) {
        JobFacts facts = result.facts();
        OutcomeKind outcome = result.outcome();
        StatusName status = outcome.status(facts.operation());

        ObjectNode data = StrictJson.newObject();
        data.put("jobId", facts.jobId());
        data.put(
                "operation",
                facts.operation() == null ? null : facts.operation().jsonName());
        data.put("server", facts.server());
        data.set("instance", node(facts.instance()));
        data.put("outcome", outcome.jsonName());
        data.put("isError", outcome.isError());
        data.put("changed", result.changed());
        data.put("status", status == null ? null : status.jsonName());
        data.put("legacyStatus", status == null ? null : status.legacyName());
        data.set("state", node(result.state()));
        if (result.progress() != null) {
            data.put("progress", result.progress());
        }
        data.put("attempt", facts.attempt());
        data.put("maxAttempts", facts.maxAttempts());
        data.put("sequence", facts.sequence());
        data.put("willRetry", outcome == OutcomeKind.FAILED);
        data.put("nextAttemptAt", text(result.nextAttemptAt()));
        data.put("startedAt", text(facts.startedAt()));
        data.put("finishedAt", text(facts.finishedAt()));
        data.put("durationMs", facts.durationMs());
        data.set("info", node(result.info()));
        data.set("error", node(result.error()));
        data.put("connectionString", result.connectionString());
        if (!result.warnings().isEmpty()) {
            ArrayNode warnings = data.putArray("warnings");
            result.warnings().forEach(warnings::add);
        }
        if (result.page() != null) {
            putPage(data, result.page());
        }
        data.put("worker", facts.worker());
        data.put("requestedBy", facts.requestedBy());
        data.set("context", facts.context());
        return data;
    }

    private static void putPage(ObjectNode data, StatusPage page) {
        ArrayNode instances = data.putArray("instances");
        page.instances().forEach(entry -> instances.add(node(entry)));
        data.put("page", page.page());
        data.put("perPage", page.perPage());
        data.put("total", page.total());
        ObjectNode counts = data.putObject("stateCounts");
        page.stateCounts().forEach((state, count) -> counts.put(state.name(), count));
    }
}
