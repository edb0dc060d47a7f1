package io.instanceworker.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The alerts, their tests, the dashboard and the document about them, as they are in the repository. */
final class MonitoringFiles {

    private static final Path REPOSITORY = Path.of("..");
    private static final Path MONITORING = REPOSITORY.resolve("deploy/monitoring");

    private static final Path COMPOSE = REPOSITORY.resolve("deploy/compose/prometheus.yaml");

    private MonitoringFiles() {}

    static String document() {
        return read(REPOSITORY.resolve("docs/monitoring.md"));
    }

    static JsonNode rules() {
        return yaml("prometheus/alerts.yaml");
    }

    static JsonNode ruleTests() {
        return yaml("prometheus/alerts.test.yaml").get("tests");
    }

    static JsonNode dashboard() {
        return JsonMapper.shared().readTree(read(MONITORING.resolve("grafana/instance-worker.json")));
    }

    static List<JsonNode> alerts() {
        return rules().findParents("alert");
    }

    /** All expressions, each with a name for error messages. */
    static Map<String, String> expressions() {
        Map<String, String> expressions = new TreeMap<>();
        for (JsonNode rule : rules().findParents("expr")) {
            String name = rule.has("alert")
                    ? rule.get("alert").asString()
                    : rule.get("record").asString() + rule.get("labels");
            expressions.put(name, rule.get("expr").asString());
        }
        for (JsonNode panel : dashboard().get("panels")) {
            List<JsonNode> targets = new ArrayList<>();
            panel.path("targets").forEach(targets::add);
            for (JsonNode target : targets) {
                expressions.put(
                        "panel " + panel.get("title").asString() + " "
                                + target.get("refId").asString(),
                        target.get("expr").asString());
            }
        }
        for (JsonNode variable : dashboard().at("/templating/list")) {
            if (variable.get("type").asString().equals("query")) {
                expressions.put(
                        "variable " + variable.get("name").asString(),
                        variable.get("query")
                                .asString()
                                .replaceFirst("label_values\\((\\w+), (\\w+)\\)", "count by ($2) ($1)"));
            }
        }
        return expressions;
    }

    /** The path at which Compose's Prometheus reads RabbitMQ's metrics. */
    static String brokerMetrics() {
        JsonNode broker = yaml(COMPOSE)
                .get("scrape_configs")
                .valueStream()
                .filter(scrape -> scrape.get("job_name").asString().equals("rabbitmq"))
                .findFirst()
                .orElseThrow();
        return broker.get("metrics_path").asString()
                + broker.at("/params/family")
                        .valueStream()
                        .map(family -> "family=" + family.asString())
                        .collect(Collectors.joining("&", "?", ""));
    }

    /** What the document on how to set Prometheus up must have too. */
    static String brokerFamilies() {
        return read(COMPOSE)
                .lines()
                .filter(line -> line.contains("family:"))
                .collect(Collectors.joining())
                .strip();
    }

    private static JsonNode yaml(String file) {
        return yaml(MONITORING.resolve(file));
    }

    private static JsonNode yaml(Path file) {
        return JsonMapper.shared().valueToTree(new Yaml().load(read(file)));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
