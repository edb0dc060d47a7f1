package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.json.StrictJson;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a job in its canonical form: always the same bytes for the same job. Properties without a value are left out. */
public final class JobWriter {

    public byte[] write(Job job) {
        JobHeader header = job.header();
        ObjectNode message = StrictJson.newObject();
        message.put("schemaVersion", SchemaVersion.WRITTEN);
        message.put("jobId", header.jobId());
        message.put("operation", job.operation().jsonName());
        put(message, "server", header.server());
        if (job instanceof InstanceJob instanceJob) {
            message.set("instance", instance(instanceJob.instance()));
            put(message, "template", instanceJob.template());
        }
        putOwn(message, job);
        put(message, "requestedBy", header.requestedBy());
        put(message, "requestedAt", header.requestedAt());
        put(message, "deadline", header.deadline());
        JsonNode context = header.context();
        if (context != null && !context.isNull()) {
            message.set("context", context);
        }
        return StrictJson.write(message);
    }

    private static void putOwn(ObjectNode message, Job job) {
        if (job instanceof CopyJob copy) {
            message.putObject("source").put("databaseName", copy.sourceDatabaseName());
            message.put("whenSourceBusy", copy.whenSourceBusy().jsonName());
        } else if (job instanceof DeleteJob delete) {
            message.put("allowUnmanaged", delete.allowUnmanaged());
        } else if (job instanceof StatusPageJob page) {
            message.put("all", page.all());
            message.put("page", page.page());
            message.put("perPage", page.perPage());
            if (!page.filter().equals(StatusPageJob.Filter.NONE)) {
                message.set("filter", filter(page.filter()));
            }
            message.put("sizes", page.sizes());
            message.put("trash", page.trash());
        }
    }

    private static ObjectNode instance(InstanceRef instance) {
        ObjectNode node = StrictJson.newObject();
        put(node, "id", instance.id());
        put(node, "tenant", instance.tenant());
        put(node, "name", instance.name());
        put(node, "databaseName", instance.databaseName());
        return node;
    }

    private static ObjectNode filter(StatusPageJob.Filter filter) {
        ObjectNode node = StrictJson.newObject();
        put(node, "tenant", filter.tenant());
        put(node, "state", filter.state() == null ? null : filter.state().name());
        put(node, "namePrefix", filter.namePrefix());
        return node;
    }

    private static void put(ObjectNode node, String name, @Nullable String value) {
        if (value != null) {
            node.put(name, value);
        }
    }

    private static void put(ObjectNode node, String name, @Nullable Instant value) {
        put(node, name, value == null ? null : value.toString());
    }
}
