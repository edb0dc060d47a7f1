package io.instanceworker.contracts.testing;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.instanceworker.contracts.json.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The files that are published with the contracts. */
public final class ContractFiles {

    private static final String ROOT = "/io/instanceworker/contracts/";
    private static final Schema JOB = schema("job");
    private static final Schema RESULT = schema("result");

    private ContractFiles() {}

    /** The JSON files of a folder, in the order of their names; fails where there is none. */
    public static List<Path> in(String folder) {
        try (Stream<Path> files = Files.list(path(folder))) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalStateException("no JSON files in " + folder);
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] bytes(String file) {
        return bytes(path(file));
    }

    public static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static ObjectNode json(Path file) {
        return StrictJson.parseObject(new String(bytes(file), StandardCharsets.UTF_8));
    }

    /** What the schema of jobs has against it; empty if it is valid. */
    public static List<String> jobMistakes(JsonNode job) {
        return mistakes(JOB, job);
    }

    /** What the schema of results has against it; empty if it is valid. */
    public static List<String> resultMistakes(JsonNode result) {
        return mistakes(RESULT, result);
    }

    private static List<String> mistakes(Schema schema, JsonNode json) {
        return schema
                .validate(json, run -> run.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream()
                .map(Object::toString)
                .toList();
    }

    private static Schema schema(String name) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(json(path("schema/" + name + ".schema.json")));
    }

    private static Path path(String name) {
        try {
            return Path.of(ContractFiles.class.getResource(ROOT + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
