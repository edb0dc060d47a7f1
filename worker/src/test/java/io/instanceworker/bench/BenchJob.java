package io.instanceworker.bench;

import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A job message as a service publishes it. */
record BenchJob(String jobId, String operation, String body) {

    static BenchJob query(String operation, String jobId, String databaseName) {
        return of(operation, jobId, databaseName, json());
    }

    static BenchJob add(String jobId, String databaseName) {
        return of("Add", jobId, databaseName, json().put("template", BenchSettings.SMALL));
    }

    static BenchJob copy(String jobId, String databaseName, String source) {
        ObjectNode json = json();
        json.putObject("source").put("databaseName", source);
        return of("Copy", jobId, databaseName, json);
    }

    private static BenchJob of(String operation, String jobId, String databaseName, ObjectNode json) {
        json.put("schemaVersion", "1.0").put("jobId", jobId).put("operation", operation);
        json.putObject("instance")
                .put("id", databaseName)
                .put("tenant", "bench")
                .put("databaseName", databaseName);
        return new BenchJob(jobId, operation, json.toString());
    }

    private static ObjectNode json() {
        return JsonMapper.shared().createObjectNode();
    }

    String routingKey() {
        return "job." + operation.toLowerCase(Locale.ROOT);
    }

    /** Whether an event {@code InProgress} is published before the one that ends it. */
    boolean reportsProgress() {
        return !operation.equals("Status") && !operation.equals("Info");
    }
}
