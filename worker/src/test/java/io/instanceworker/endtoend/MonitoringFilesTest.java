package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The alerts and the dashboard fit together with their tests and their document; {@code ObservabilityIT} checks their metrics. */
class MonitoringFilesTest {

    @Test
    void everyAlertHasASeverityASummaryAndARunbook() {
        Set<String> headings = MonitoringFiles.document()
                .lines()
                .filter(line -> line.startsWith("### "))
                .map(line -> line.substring(4).strip())
                .collect(Collectors.toSet());
        assertThat(MonitoringFiles.alerts()).isNotEmpty().allSatisfy(alert -> {
            String name = alert.get("alert").asString();
            assertThat(alert.at("/labels/severity").asString()).isIn("critical", "warning");
            assertThat(alert.at("/annotations/summary").asString()).isNotBlank();
            assertThat(alert.at("/annotations/runbook_url").asString())
                    .isEqualTo("https://repository.example/instance-worker/docs/monitoring.md#"
                            + name.toLowerCase(Locale.ROOT));
            assertThat(headings).contains(name);
        });
    }

    @Test
    void everyAlertIsTestedToFireAndNotToFire() {
        Set<String> firing = new HashSet<>();
        Set<String> silent = new HashSet<>();
        for (JsonNode test : MonitoringFiles.ruleTests()) {
            for (JsonNode expected : test.get("alert_rule_test")) {
                (expected.get("exp_alerts").isEmpty() ? silent : firing)
                        .add(expected.get("alertname").asString());
            }
        }
        List<String> alerts = MonitoringFiles.alerts().stream()
                .map(alert -> alert.get("alert").asString())
                .toList();
        assertThat(firing).containsExactlyInAnyOrderElementsOf(alerts);
        assertThat(silent).containsExactlyInAnyOrderElementsOf(alerts);
    }

    @Test
    void theDashboardShowsAllThatAnOperatorMustSee() {
        List<String> titles = new ArrayList<>();
        MonitoringFiles.dashboard()
                .get("panels")
                .forEach(panel -> titles.add(panel.get("title").asString()));
        assertThat(titles)
                .contains(
                        "Backlog",
                        "Age of the oldest waiting job, at least",
                        "Throughput",
                        "Failures by code",
                        "Duration p50",
                        "Duration p95",
                        "Retries, waits, redeliveries",
                        "Workers with an open circuit",
                        "Running jobs",
                        "Dead letters",
                        "Use of the connection pools");
    }

    @Test
    void everyPanelHasAnIdOfItsOwnAndTakesTheChosenDataSource() {
        List<Integer> ids = new ArrayList<>();
        for (JsonNode panel : MonitoringFiles.dashboard().get("panels")) {
            ids.add(panel.get("id").asInt());
            if (!panel.get("type").asString().equals("row")) {
                assertThat(panel.at("/datasource/uid").asString()).isEqualTo("${datasource}");
                assertThat(panel.get("targets")).isNotEmpty();
                assertThat(panel.get("description").asString()).isNotBlank();
            }
        }
        assertThat(ids).isNotEmpty().doesNotHaveDuplicates();
    }

    @Test
    void theDocumentReadsTheSameMetricsOfRabbitMqAsCompose() {
        assertThat(MonitoringFiles.document()).contains(MonitoringFiles.brokerFamilies());
    }
}
