package io.instanceworker.contracts.job;

import io.instanceworker.contracts.json.StrictJson;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One change that makes a good document bad.
 *
 * @param parent the object that has the property; null for the document itself
 * @param operation the operation that the document must have for the change to be bad; null for any
 * @param value null to take the property away
 */
record JobMutation(
        @Nullable String operation,
        @Nullable String parent,
        String name,
        @Nullable JsonNode value) {

    private static final String NOT_A_NAME = "5, true, [], {}, \"a\\nb\", \"\\u0000\", \" \", \"\\u2028\"";
    private static final String NOT_A_TIME =
            "5, true, {}, \"\", \"now\", \"2026-11-20\", \"2026-11-20T10:00:00\", \"2026-13-20T10:00:00Z\"";
    private static final String NOT_A_BOOLEAN = "\"true\", \"false\", 1, 0, \"\", [], {}";
    private static final String NOT_AN_OBJECT = "5, \"\", \"x\", true, []";

    static List<JobMutation> all() {
        return Stream.of(
                        everywhere(null, "operation", "5, true, null, [], {}, \"\", \" \", \"Rename\", \"Add,Copy\""),
                        everywhere(
                                null,
                                "schemaVersion",
                                "\"2.0\", \"0.9\", \"\", \"x\", \"1.\", 2, 0, 0.99, true, {}, []"),
                        everywhere(null, "jobId", "\"\", \"  \", true, {}, [], 1.5, \"a\\u0007\", \"\\ufeff\""),
                        everywhere(null, "jobId", '"' + "x".repeat(151) + '"'),
                        everywhere(null, "server", NOT_A_NAME),
                        everywhere(null, "template", NOT_A_NAME),
                        everywhere(null, "deadline", NOT_A_TIME),
                        everywhere(null, "whenSourceBusy", "\"kill\", \"\", 5, true, {}, []"),
                        everywhere(null, "allowUnmanaged", NOT_A_BOOLEAN),
                        everywhere(null, "all", NOT_A_BOOLEAN),
                        everywhere(null, "sizes", NOT_A_BOOLEAN),
                        everywhere(null, "trash", NOT_A_BOOLEAN),
                        everywhere(null, "server", longer(255)),
                        everywhere(null, "template", longer(255)),
                        everywhere("source", "databaseName", longer(255)),
                        everywhere("instance", "id", longer(150)),
                        everywhere("instance", "tenant", longer(150)),
                        everywhere("instance", "name", longer(255)),
                        everywhere("instance", "databaseName", longer(255)),
                        everywhere("filter", "tenant", longer(150)),
                        everywhere("filter", "namePrefix", longer(255)),
                        everywhere(null, "page", "0, -1, \"1\", 1.5, true, {}, 2147483648"),
                        everywhere(null, "perPage", "0, -1, \"1\", 1.5, true, {}, 1001"),
                        everywhere(null, "filter", NOT_AN_OBJECT),
                        everywhere("filter", "tenant", NOT_A_NAME),
                        everywhere("filter", "namePrefix", NOT_A_NAME),
                        everywhere("filter", "state", "5, true, {}, \"ASLEEP\", \" \""),
                        everywhere(null, "source", NOT_AN_OBJECT),
                        everywhere("source", "databaseName", NOT_A_NAME),
                        everywhere(null, "instance", NOT_AN_OBJECT + ", {}, {\"id\": 1}, {\"name\": \"\"}"),
                        everywhere("instance", "id", "1.5, true, {}, \"\\n\", \" \""),
                        everywhere("instance", "tenant", NOT_A_NAME),
                        everywhere("instance", "name", NOT_A_NAME),
                        everywhere("instance", "databaseName", NOT_A_NAME),
                        of("Add", null, "instance", "null"),
                        of("Copy", null, "instance", "null"),
                        of("Delete", null, "instance", "null"),
                        of("Adopt", null, "instance", "null"),
                        of("Restore", null, "instance", "null"),
                        of("Info", null, "instance", "null"),
                        of("Copy", null, "source", "null, {}"),
                        of("Copy", "source", "databaseName", "null, \"\""),
                        Stream.of(
                                new JobMutation(null, null, "operation", null),
                                new JobMutation("Add", null, "instance", null),
                                new JobMutation("Delete", null, "instance", null),
                                new JobMutation("Copy", null, "source", null)))
                .flatMap(mutations -> mutations)
                .toList();
    }

    ObjectNode applyTo(ObjectNode document) {
        ObjectNode mutated = document.deepCopy();
        if (operation != null) {
            mutated.put("operation", operation);
            mutated.putObject("instance").put("databaseName", "target");
            mutated.putObject("source").put("databaseName", "source");
        }
        ObjectNode object = parent == null ? mutated : mutated.withObject("/" + parent);
        if (value == null) {
            object.remove(name);
        } else {
            object.set(name, value);
        }
        return mutated;
    }

    /** What the reader must speak of. */
    String property() {
        return parent == null ? name : parent;
    }

    /** One character more than is allowed, and far more; a school has two chars of UTF-16. */
    private static String longer(int maxCharacters) {
        return '"' + "\uD83C\uDFEB".repeat(maxCharacters + 1) + "\", \"" + "_".repeat(100_000) + '"';
    }

    private static Stream<JobMutation> everywhere(@Nullable String parent, String name, String values) {
        return of(null, parent, name, values);
    }

    private static Stream<JobMutation> of(
            @Nullable String operation, @Nullable String parent, String name, String values) {
        return StrictJson.parseObject("{\"values\": [" + values + "]}")
                .get("values")
                .valueStream()
                .map(value -> new JobMutation(operation, parent, name, value));
    }
}
