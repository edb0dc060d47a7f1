package io.instanceworker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that one run found.
 *
 * @param header the machine, the versions and the form of the run
 * @param notes what a reader must know about the run, such as a measurement that was skipped
 */
record Report(Map<String, String> header, List<Row> rows, List<Series> series, List<String> notes) {

    static Report read(Path json) throws IOException {
        return JsonMapper.shared().readValue(Files.readString(json), Report.class);
    }

    void write(Path json) throws IOException {
        Path folder = json.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(
                json, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    }

    long unmetGoals() {
        return rows.stream().filter(Row::isUnmet).count();
    }

    long goals() {
        return rows.stream().filter(row -> row.goal() != null).count();
    }
}
