package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.settings.WorkerProperties;
import io.instanceworker.testing.DeployFiles;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What deploy sets for RabbitMQ agrees with the worker and with the alerts. */
class BrokerFilesTest {

    private static Properties configuration(String file) throws IOException {
        Properties settings = new Properties();
        settings.load(new StringReader(DeployFiles.read(file)));
        return settings;
    }

    /** Else RabbitMQ takes a long job away from its worker and gives it to another. */
    @ParameterizedTest
    @ValueSource(strings = {"rabbitmq/rabbitmq.conf", "compose/rabbitmq/rabbitmq.conf"})
    void noJobIsTakenAwayBeforeItsDeadline(String file) throws IOException {
        Duration deadline = new Binder(new MapConfigurationPropertySource(Map.of()))
                .bindOrCreate("instance-worker", WorkerProperties.class)
                .deadline();
        assertThat(Duration.ofMillis(Long.parseLong(configuration(file).getProperty("consumer_timeout", "0"))))
                .isGreaterThanOrEqualTo(deadline);
    }

    @Test
    void noPortIsOpenWithoutTls() throws IOException {
        Properties settings = configuration("rabbitmq/rabbitmq.conf");
        assertThat(settings).containsEntry("listeners.tcp", "none").containsKey("management.ssl.port");
        assertThat(settings.stringPropertyNames()).noneMatch(name -> name.matches("(listeners|management)\\.tcp\\..*"));
    }

    @Test
    void theAlertFiresBeforeAQueueIsFull() {
        String alert = alert("InstanceWorkerQueueNearLimit");
        JsonNode policies = JsonMapper.shared()
                .readTree(DeployFiles.read("rabbitmq/definitions.json"))
                .get("policies");
        for (String policy : List.of("instance-worker-dead", "instance-worker-status")) {
            JsonNode limits = policies.valueStream()
                    .filter(each -> each.get("name").asString().equals(policy))
                    .findFirst()
                    .orElseThrow()
                    .get("definition");
            assertThat(alert)
                    .contains("> " + limits.get("max-length").asLong() * 8 / 10)
                    .contains("> 0.8 * " + limits.get("max-length-bytes").asLong());
        }
    }

    private static String alert(String name) {
        String rules = DeployFiles.read("monitoring/prometheus/alerts.yaml");
        String rest = rules.substring(rules.indexOf("alert: " + name));
        return rest.substring(0, rest.indexOf("annotations:"));
    }
}
