package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.testing.Any;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Any document that the job's schema allows, in its canonical form, with properties that nobody knows in between. */
final class JobDocuments {

    private static final ObjectNode NODES = StrictJson.newObject();
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

    private final Any any;

    private JobDocuments(Any any) {
        this.any = any;
    }

    static ObjectNode draw(Any any) {
        return new JobDocuments(any).document();
    }

    private ObjectNode document() {
        ObjectNode document = object(new TreeMap<>(Map.ofEntries(
                Map.entry("schemaVersion", () -> NODES.stringNode(any.of("1", "1.0", "1.12"))),
                Map.entry("jobId", this::jobId),
                Map.entry("server", this::name),
                Map.entry("template", this::name),
                Map.entry("requestedBy", any::context),
                Map.entry("requestedAt", any::context),
                Map.entry("deadline", this::instant),
                Map.entry("context", any::context),
                Map.entry("whenSourceBusy", () -> NODES.stringNode(any.of("wait", "disconnect"))),
                Map.entry("allowUnmanaged", this::bool),
                Map.entry("all", this::bool),
                Map.entry("sizes", this::bool),
                Map.entry("trash", this::bool),
                Map.entry("page", () -> NODES.numberNode(any.integer(1, Integer.MAX_VALUE))),
                Map.entry("perPage", () -> NODES.numberNode(any.integer(1, 1_000))),
                Map.entry("filter", this::filter))));
        Operation operation = any.of(Operation.values());
        document.put("operation", operation.jsonName());
        if (operation != Operation.STATUS || any.bool()) {
            ObjectNode instance = object(Map.of("id", this::id, "tenant", this::name, "name", this::name));
            String databaseName = any.name();
            instance.put("databaseName", databaseName);
            document.set("instance", instance);
            document.putObject("source").put("databaseName", databaseName + "_source");
        }
        return document;
    }

    private ObjectNode filter() {
        Supplier<JsonNode> state =
                () -> NODES.stringNode(any.of(InstanceState.values()).name());
        return object(Map.of("tenant", this::name, "state", state, "namePrefix", this::name));
    }

    /** Each property absent, null or as given, and some that are not known. */
    private ObjectNode object(Map<String, Supplier<JsonNode>> known) {
        ObjectNode object = StrictJson.newObject();
        known.forEach((name, value) -> {
            switch (any.integer(1, 3)) {
                case 1 -> object.set(name, value.get());
                case 2 -> object.putNull(name);
                default -> object.set("x" + any.name(), any.context());
            }
        });
        return object;
    }

    private JsonNode name() {
        return NODES.stringNode(any.of("", any.name(), any.name()));
    }

    private JsonNode id() {
        return any.bool() ? name() : NODES.numberNode(BigInteger.TEN.pow(any.integer(0, 99)));
    }

    private JsonNode jobId() {
        return any.bool()
                ? NODES.stringNode(any.jobId())
                : NODES.numberNode(any.number(Long.MIN_VALUE, Long.MAX_VALUE));
    }

    private JsonNode bool() {
        return NODES.booleanNode(any.bool());
    }

    private JsonNode instant() {
        // Neither the first nor the last day there is, which another offset would push out of the years of four digits.
        Instant instant = Instant.ofEpochSecond(any.number(-62_135_596_800L, 253_402_214_400L));
        ZoneOffset offset = ZoneOffset.ofTotalSeconds(60 * any.integer(-14 * 60, 14 * 60));
        String fraction = any.of("", ".5", ".1234567", ".123456789");
        String zone = any.of(offset.getTotalSeconds() == 0 ? "Z" : offset.getId());
        return NODES.stringNode(SECONDS.format(instant.atOffset(offset)) + fraction + zone);
    }
}
