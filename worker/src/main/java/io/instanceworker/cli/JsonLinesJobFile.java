package io.instanceworker.cli;

import io.instanceworker.contracts.json.JsonProperties;
import io.instanceworker.contracts.json.StrictJson;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Each line is a job in the JSON of the contract. */
final class JsonLinesJobFile extends JobFile {

    private static final String FAILURE = "failure";

    private final List<String> lines;
    private final @Nullable String operation;

    JsonLinesJobFile(String text, @Nullable String operation) {
        this.lines = text.lines().toList();
        this.operation = operation;
    }

    @Override
    SortedMap<Integer, Parsed> parse() {
        SortedMap<Integer, Parsed> parsed = new TreeMap<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                parsed.put(i + 1, parse(lines.get(i)));
            }
        }
        return parsed;
    }

    private Parsed parse(String line) {
        try {
            ObjectNode message = StrictJson.parseJob(line);
            if (operation != null && JsonProperties.anyCase(message).any("operation") == null) {
                message.put("operation", operation);
            }
            return new Parsed(message, null);
        } catch (IllegalArgumentException e) {
            return new Parsed(null, e.getMessage());
        }
    }

    @Override
    @Nullable String failedHeader() {
        return null;
    }

    /** Readers ignore properties that they do not know, so the failure is one more property. */
    @Override
    String failedLine(JobRow row, ObjectNode failure) {
        ObjectNode failed = row.message().deepCopy();
        failed.remove(failed.propertyNames().stream()
                .filter("jobId"::equalsIgnoreCase)
                .toList());
        failed.set(FAILURE, failure);
        return StrictJson.writeAscii(failed);
    }
}
