package io.instanceworker.contracts.result;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.contracts.json.JsonProperties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the values inside an event that {@link EventValues} writes. */
final class EventParts {

    private EventParts() {}

    static InstanceRef instance(JsonProperties instance) {
        return new InstanceRef(
                instance.string("id"),
                instance.string("tenant"),
                instance.string("name"),
                instance.string("databaseName"));
    }

    static @Nullable StateReport state(@Nullable JsonProperties state) {
        if (state == null) {
            return null;
        }
        return new StateReport(
                constant(state, "name", InstanceState.class),
                integer(state, "code"),
                state.required("description", state.string("description")));
    }

    static @Nullable InstanceInfo info(@Nullable JsonProperties info) {
        if (info == null) {
            return null;
        }
        return new InstanceInfo(
                new InstanceInfo.Sizes(
                        size(info, "sizeBytes"),
                        info.string("size"),
                        size(info, "dataBytes"),
                        size(info, "logBytes"),
                        size(info, "reservedBytes"),
                        size(info, "freeBytes")),
                count(info, "activeConnections", 0),
                info.string("owner"),
                info.string("collation"),
                count(info, "compatibilityLevel", 0),
                info.string("recoveryModel"),
                info.instant("lastBackupAt"),
                new InstanceInfo.Origin(
                        info.instant("createdAt"),
                        info.string("createdByJob"),
                        operation(info, "createdByOperation"),
                        info.string("template"),
                        info.string("source")),
                new InstanceInfo.Engine(info.string("engine"), info.string("engineVersion"), info.string("edition")));
    }

    static JobError error(JsonProperties error) {
        ErrorCode code = constant(error, "code", ErrorCode.class);
        Boolean retryable = error.bool("retryable");
        if (retryable == null || retryable != code.retryable()) {
            throw error.mistake("retryable", "is " + retryable + " where the rest says " + code.retryable());
        }
        return new JobError(
                code,
                error.required("message", error.string("message")),
                error.string("sqlState"),
                integer(error, "vendorCode"));
    }

    /** Null if the event has no page of databases. */
    static @Nullable StatusPage page(JsonProperties data) {
        if (data.any("instances") == null) {
            return null;
        }
        return new StatusPage(
                data.objects("instances").stream().map(EventParts::entry).toList(),
                data.required("page", count(data, "page", 1)),
                data.required("perPage", count(data, "perPage", 1)),
                data.required("total", count(data, "total", 0)),
                stateCounts(data.required("stateCounts", data.object("stateCounts"))));
    }

    private static StatusPage.Entry entry(JsonProperties entry) {
        return new StatusPage.Entry(
                instance(entry.required("instance", entry.object("instance"))),
                entry.required("state", state(entry.object("state"))),
                size(entry, "sizeBytes"),
                count(entry, "activeConnections", 0),
                trash(entry.object("trash")));
    }

    private static StatusPage.@Nullable Trash trash(@Nullable JsonProperties trash) {
        return trash == null
                ? null
                : new StatusPage.Trash(
                        trash.required("databaseName", trash.string("databaseName")),
                        trash.required("deletedAt", trash.instant("deletedAt")),
                        trash.required("deletedByJob", trash.string("deletedByJob")),
                        trash.required("keptUntil", trash.instant("keptUntil")));
    }

    private static SortedMap<InstanceState, Integer> stateCounts(JsonProperties counts) {
        SortedMap<InstanceState, Integer> found = new TreeMap<>();
        for (InstanceState state : InstanceState.values()) {
            Integer count = count(counts, state.name(), 0);
            if (count != null) {
                found.put(state, count);
            }
        }
        return found;
    }

    private static <E extends Enum<E>> E constant(JsonProperties from, String name, Class<E> type) {
        String text = from.required(name, from.string(name));
        try {
            return Enum.valueOf(type, text);
        } catch (IllegalArgumentException e) {
            throw from.mistake(name, Excerpt.quoted(text) + " is not known");
        }
    }

    /** Null if the property is absent. */
    static @Nullable Operation operation(JsonProperties from, String name) {
        String text = from.string(name);
        return text == null
                ? null
                : Operation.named(text).orElseThrow(() -> from.mistake(name, Excerpt.quoted(text) + " is not known"));
    }

    static @Nullable Integer percent(JsonProperties data) {
        Long value = data.integer("progress", 0, 100);
        return value == null ? null : Math.toIntExact(value);
    }

    private static @Nullable Integer count(JsonProperties from, String name, int min) {
        Long value = from.integer(name, min, Integer.MAX_VALUE);
        return value == null ? null : Math.toIntExact(value);
    }

    private static @Nullable Integer integer(JsonProperties from, String name) {
        Long value = from.integer(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
        return value == null ? null : Math.toIntExact(value);
    }

    private static @Nullable Long size(JsonProperties from, String name) {
        return from.integer(name, 0, Long.MAX_VALUE);
    }
}
