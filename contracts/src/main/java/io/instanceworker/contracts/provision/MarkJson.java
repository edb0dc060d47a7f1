package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.json.JsonProperties;
import io.instanceworker.contracts.json.StrictJson;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Writes and reads the ownership mark as JSON. */
final class MarkJson {

    /** The property that a mark has in every version. */
    static final String VERSION = "instanceWorker";

    private static final Pattern KNOWN_VERSION = Pattern.compile("1(\\.\\d{1,9}){0,2}");

    private MarkJson() {}

    static String write(OwnershipMark mark) {
        ObjectNode node = StrictJson.newObject();
        node.put(VERSION, OwnershipMark.SCHEMA_VERSION);
        node.put("instanceId", mark.instanceId());
        put(node, "tenant", mark.tenant());
        node.put("jobId", mark.jobId());
        node.put("operation", mark.operation().jsonName());
        put(node, "template", mark.template());
        put(node, "source", mark.source());
        node.put("createdAt", mark.createdAt().toString());
        return StrictJson.writeAscii(node);
    }

    static Optional<OwnershipMark> read(String text) {
        try {
            return read(JsonProperties.exact(StrictJson.parseObject(text)));
        } catch (IllegalArgumentException e) {
            // The comment is not a mark. Then no owner of the database is known.
            return Optional.empty();
        }
    }

    /** Reads the whole mark or nothing: an incomplete mark must not permit to drop a database. */
    private static Optional<OwnershipMark> read(JsonProperties mark) {
        String version = mark.required(VERSION, mark.string(VERSION));
        if (!KNOWN_VERSION.matcher(version).matches()) {
            return Optional.empty();
        }
        return Optional.of(new OwnershipMark(
                mark.required("instanceId", mark.name("instanceId")),
                mark.name("tenant"),
                mark.required("jobId", mark.name("jobId")),
                operation(mark),
                mark.name("template"),
                mark.name("source"),
                mark.required("createdAt", mark.instant("createdAt"))));
    }

    private static Operation operation(JsonProperties mark) {
        String name = mark.required("operation", mark.string("operation"));
        return Operation.named(name).orElseThrow(() -> mark.mistake("operation", "is not known"));
    }

    static void put(ObjectNode node, String name, @Nullable String value) {
        if (value != null) {
            node.put(name, value);
        }
    }
}
