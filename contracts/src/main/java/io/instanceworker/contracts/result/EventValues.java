package io.instanceworker.contracts.result;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.json.StrictJson;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Writes the values inside an event as JSON. Null is written as JSON's null. */
final class EventValues {

    /** Always with three digits of the second's fraction, so that times sorted as text are in order. */
    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private EventValues() {}

    static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : MILLISECONDS.format(instant);
    }

    static @Nullable ObjectNode node(InstanceRef instance) {
        if (instance.equals(InstanceRef.NONE)) {
            return null;
        }
        ObjectNode node = StrictJson.newObject();
        node.put("id", instance.id());
        node.put("tenant", instance.tenant());
        node.put("name", instance.name());
        node.put("databaseName", instance.databaseName());
        return node;
    }

    static @Nullable ObjectNode node(@Nullable StateReport state) {
        if (state == null) {
            return null;
        }
        ObjectNode node = StrictJson.newObject();
        node.put("name", state.name().name());
        node.put("code", state.code());
        node.put("description", state.description());
        return node;
    }

    static @Nullable ObjectNode node(@Nullable InstanceInfo info) {
        if (info == null) {
            return null;
        }
        ObjectNode node = StrictJson.newObject();
        node.put("sizeBytes", info.sizes().total());
        node.put("size", info.sizes().readable());
        node.put("dataBytes", info.sizes().data());
        node.put("logBytes", info.sizes().log());
        node.put("reservedBytes", info.sizes().reserved());
        node.put("freeBytes", info.sizes().free());
        node.put("activeConnections", info.activeConnections());
        node.put("owner", info.owner());
        node.put("collation", info.collation());
        node.put("compatibilityLevel", info.compatibilityLevel());
        node.put("recoveryModel", info.recoveryModel());
        node.put("lastBackupAt", text(info.lastBackupAt()));
        node.put("createdAt", text(info.origin().createdAt()));
        node.put("createdByJob", info.origin().createdByJob());
        Operation createdBy = info.origin().createdByOperation();
        node.put("createdByOperation", createdBy == null ? null : createdBy.jsonName());
        node.put("template", info.origin().template());
        node.put("source", info.origin().source());
        node.put("engine", info.engine().name());
        node.put("engineVersion", info.engine().version());
        node.put("edition", info.engine().edition());
        return node;
    }

    static @Nullable ObjectNode node(@Nullable JobError error) {
        if (error == null) {
            return null;
        }
        ObjectNode node = StrictJson.newObject();
        node.put("code", error.code().name());
        node.put("message", error.message());
        node.put("retryable", error.retryable());
        node.put("sqlState", error.sqlState());
        node.put("vendorCode", error.vendorCode());
        return node;
    }

    static ObjectNode node(StatusPage.Entry entry) {
        ObjectNode node = StrictJson.newObject();
        node.set("instance", node(entry.instance()));
        node.set("state", node(entry.state()));
        node.put("sizeBytes", entry.sizeBytes());
        node.put("activeConnections", entry.activeConnections());
        StatusPage.Trash trash = entry.trash();
        if (trash != null) {
            node.putObject("trash")
                    .put("databaseName", trash.databaseName())
                    .put("deletedAt", text(trash.deletedAt()))
                    .put("deletedByJob", trash.deletedByJob())
                    .put("keptUntil", text(trash.keptUntil()));
        }
        return node;
    }
}
