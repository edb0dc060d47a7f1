package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.Exchange;
import org.springframework.amqp.core.Queue;
import org.yaml.snakeyaml.Yaml;

/** What the worker declares is what the AsyncAPI document tells others, to the last argument. */
class TopologyMatchesAsyncApiTest {

    private static final List<Duration> TIERS = List.of(Duration.ofSeconds(5), Duration.ofMinutes(2));

    @Test
    void oneServerHasTheDocumentedQueues() throws IOException {
        assertThat(declared(List.of("default"))).isEqualTo(documented(List.of()));
    }

    @Test
    void eachOfSeveralServersHasTheDocumentedQueues() throws IOException {
        List<String> servers = List.of("a", "b");
        assertThat(declared(servers)).isEqualTo(documented(servers));
    }

    @Test
    void theExamplesOfJobsAreJobsAndThoseOfResultsAreResults() throws IOException {
        try (InputStream document = document()) {
            Map<String, Object> root = new Yaml().load(document);
            Map<String, Object> messages = map(map(root.get("components")).get("messages"));
            assertThat(examples(messages, "job")).isNotEmpty().allMatch(sample -> sample.startsWith("./samples/jobs/"));
            assertThat(examples(messages, "instanceStatus"))
                    .isNotEmpty()
                    .allMatch(sample -> sample.startsWith("./samples/results/"));
        }
    }

    private static List<String> examples(Map<String, Object> messages, String message) {
        return ((List<?>) map(messages.get(message)).get("examples"))
                .stream()
                        .map(example ->
                                map(map(example).get("payload")).get("$ref").toString())
                        .toList();
    }

    private static Set<String> declared(List<String> servers) {
        return declared(TIERS, servers);
    }

    static Set<String> declared(List<Duration> tiers, List<String> servers) {
        Set<String> all = new TreeSet<>();
        for (Declarable declarable : Topology.declarables(tiers, new HomeQueues(servers, servers.get(0)))) {
            if (declarable instanceof Queue queue) {
                all.add(line("queue", queue.getName(), queue.getArguments()));
            } else if (declarable instanceof Exchange exchange) {
                all.add(line("exchange " + exchange.getType(), exchange.getName(), exchange.getArguments()));
            } else if (declarable instanceof Binding binding) {
                all.add(line(
                        "binding",
                        binding.getExchange() + " '" + binding.getRoutingKey() + "' " + binding.getDestination(),
                        binding.getArguments()));
            }
        }
        return all;
    }

    private static InputStream document() {
        return TopologyMatchesAsyncApiTest.class.getResourceAsStream("/io/instanceworker/contracts/asyncapi.yaml");
    }

    /** @param servers those that have queues of their own */
    private static Set<String> documented(List<String> servers) throws IOException {
        Set<String> all = new TreeSet<>();
        try (InputStream document = document()) {
            Map<String, Object> root = new Yaml().load(document);
            for (Object channel : map(root.get("channels")).values()) {
                Map<String, Object> amqp = map(map(map(channel).get("bindings")).get("amqp"));
                if (amqp.containsKey("queue")) {
                    addQueues(
                            all,
                            map(channel),
                            map(amqp.get("queue")).get("name").toString(),
                            servers);
                } else if (amqp.containsKey("exchange")) {
                    Map<String, Object> exchange = map(amqp.get("exchange"));
                    all.add(line(
                            "exchange " + exchange.get("type"),
                            exchange.get("name"),
                            map(map(channel).get("x-arguments"))));
                }
            }
        }
        return all;
    }

    private static void addQueues(Set<String> all, Map<String, Object> channel, String name, List<String> servers) {
        Set<String> lines = new TreeSet<>();
        addQueue(lines, channel, name);
        if (name.contains("{tier}")) {
            for (Duration tier : TIERS) {
                lines.forEach(line -> all.add(line.replace("{tier}", Topology.tierName(tier))
                        .replace("the tier in milliseconds", Long.toString(tier.toMillis()))));
            }
        } else if (name.contains("{server}")) {
            servers.forEach(server -> lines.forEach(line -> all.add(line.replace("{server}", server))));
        } else {
            all.addAll(lines);
        }
    }

    private static void addQueue(Set<String> all, Map<String, Object> channel, String name) {
        all.add(line("queue", name, map(channel.get("x-arguments"))));
        if (channel.get("x-bindings") instanceof List<?> bindings) {
            for (Object binding : bindings) {
                List<?> keys = map(binding).get("routingKeys") instanceof List<?> given ? given : List.of("");
                keys.forEach(key -> all.add(line(
                        "binding",
                        map(binding).get("exchange") + " '" + key + "' " + name,
                        map(map(binding).get("arguments")))));
            }
        }
    }

    static String line(String kind, Object name, Map<String, Object> arguments) {
        return kind + " " + name + " " + new TreeMap<>(arguments);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }
}
