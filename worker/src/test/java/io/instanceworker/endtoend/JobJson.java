package io.instanceworker.endtoend;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A job as somebody writes it who knows the contract and not our code. */
final class JobJson {

    private final ObjectNode json = JsonMapper.shared().createObjectNode();

    private JobJson(String operation, String jobId) {
        json.put("schemaVersion", "1.0").put("jobId", jobId).put("operation", operation);
        if (operation.equals("Add")) {
            template("");
        }
    }

    /** An Add asks for an empty database unless a template is given, or taken away to have the server's default. */
    static JobJson of(String operation, String jobId) {
        return new JobJson(operation, jobId);
    }

    /** The usual one: the instance is known by its database. */
    static JobJson of(String operation, String jobId, String databaseName) {
        return of(operation, jobId).instance("databaseName", databaseName);
    }

    JobJson with(String property, Object value) {
        json.set(property, JsonMapper.shared().<JsonNode>valueToTree(value));
        return this;
    }

    JobJson without(String property) {
        json.remove(property);
        return this;
    }

    JobJson instance(String property, Object value) {
        json.withObjectProperty("instance").set(property, JsonMapper.shared().<JsonNode>valueToTree(value));
        return this;
    }

    JobJson source(String databaseName) {
        json.withObjectProperty("source").put("databaseName", databaseName);
        return this;
    }

    JobJson server(String name) {
        return with("server", name);
    }

    JobJson template(String name) {
        return with("template", name);
    }

    String jobId() {
        return json.get("jobId").asString();
    }

    String operation() {
        return json.get("operation").asString();
    }

    @Override
    public String toString() {
        return json.toString();
    }
}
