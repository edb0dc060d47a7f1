package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.settings.WorkerProperties;
import io.instanceworker.testing.DeployFiles;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What the worker declares for one server and the default wait tiers is what an administrator imports, to the last argument. */
class TopologyMatchesDefinitionsTest {

    private static final WorkerProperties DEFAULTS = new Binder(new MapConfigurationPropertySource(Map.of()))
            .bindOrCreate("instance-worker", WorkerProperties.class);

    @Test
    void theDefinitionsHaveWhatTheWorkerDeclares() {
        assertThat(defined())
                .isEqualTo(TopologyMatchesAsyncApiTest.declared(DEFAULTS.retry().tiers(), List.of("default")));
    }

    private static Set<String> defined() {
        Map<String, List<Map<String, Object>>> definitions =
                JsonMapper.shared().readValue(DeployFiles.read("rabbitmq/definitions.json"), new TypeReference<>() {});
        Set<String> all = new TreeSet<>();
        definitions.getOrDefault("queues", List.of()).forEach(queue -> all.add(line("queue", "name", queue)));
        definitions
                .getOrDefault("exchanges", List.of())
                .forEach(exchange -> all.add(line("exchange " + exchange.get("type"), "name", exchange)));
        definitions.getOrDefault("bindings", List.of()).forEach(binding -> {
            binding.put(
                    "path",
                    binding.get("source") + " '" + binding.get("routing_key") + "' " + binding.get("destination"));
            all.add(line("binding", "path", binding));
        });
        return all;
    }

    @SuppressWarnings("unchecked")
    private static String line(String kind, String name, Map<String, Object> object) {
        return TopologyMatchesAsyncApiTest.line(
                kind, object.get(name), (Map<String, Object>) object.getOrDefault("arguments", Map.of()));
    }
}
