package io.instanceworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.provision.ServersFactory;
import io.instanceworker.settings.SettingsReader;
import io.instanceworker.settings.WorkerProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Every setting, and every mistake in them reported at once. */
class SettingsTest {

    private static final Map<String, Object> SMALLEST = Map.of(
            "instance-worker.servers.default.platform", "postgresql",
            "instance-worker.servers.default.url", "jdbc:postgresql://db:5432/postgres",
            "instance-worker.servers.default.username", "worker");

    private final List<String> mistakes = new ArrayList<>();

    private WorkerProperties read(Map<String, Object> properties) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .forEach(s -> environment.getPropertySources().remove(s.getName()));
        environment.getPropertySources().addFirst(new MapPropertySource("test", properties));
        return read(environment);
    }

    private WorkerProperties read(StandardEnvironment environment) {
        WorkerProperties read = SettingsReader.read(environment, mistakes);
        new ServersFactory(read, ServersFactory.installedEngines(), mistakes).findMistakes();
        return read;
    }

    @Test
    void aMinimalConfigurationGetsTheDefaults() {
        WorkerProperties read = read(SMALLEST);
        assertThat(mistakes).isEmpty();
        assertThat(read.name()).isEqualTo("instance-worker");
        assertThat(read.defaultServer()).isNull();
        assertThat(read.protectedDatabases()).isEmpty();
        assertThat(read.databaseNamePattern()).isEqualTo("^[A-Za-z_][A-Za-z0-9_-]*$");
        assertThat(read.deadline()).isEqualTo(Duration.ofHours(24));
        assertThat(read.maxDeadline()).isEqualTo(Duration.ofDays(30));
        assertThat(read.retry().maxAttempts()).isEqualTo(5);
        assertThat(read.retry().maxDeliveries()).isEqualTo(5);
        assertThat(read.retry().tiers())
                .containsExactly(
                        Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMinutes(2), Duration.ofMinutes(10));
        assertThat(read.retry().jitter()).isEqualTo(0.2);
        assertThat(read.shutdownGrace()).isEqualTo(Duration.ofMinutes(10));
        assertThat(read.replyToPattern()).isEqualTo("reply\\..*");
        assertThat(read.declareTopology()).isTrue();
        assertThat(read.remoteControl()).isNull();
        assertThat(read.destructiveJobsFrom()).isEmpty();
        assertThat(read.sweep())
                .isEqualTo(new WorkerProperties.Sweep(
                        true, Duration.ofHours(1), Duration.ofHours(1), false, Duration.ofDays(30)));
        WorkerProperties.Server server = read.servers().get("default");
        assertThat(server.templates()).isEmpty();
        assertThat(server.maxConcurrentJobs()).isEqualTo(2);
        assertThat(server.maxConcurrentQueries()).isEqualTo(2);
        assertThat(server.journalDatabase()).isEqualTo("instance_worker");
        assertThat(server.allowUnmanagedDelete()).isFalse();
        assertThat(server.allowAdopt()).isFalse();
        assertThat(server.delete()).isEqualTo(WorkerProperties.DeleteMode.DROP);
        assertThat(server.trashRetention()).isEqualTo(Duration.ofDays(7));
        assertThat(server.allowedDatabases()).isEmpty();
        assertThat(server.allowCopyBetweenTenants()).isFalse();
    }

    /** Events and the log carry the name of a template. */
    @Test
    void aTemplateWithASignatureIsRefusedWithoutShowingIt() {
        Map<String, Object> settings = new HashMap<>(SMALLEST);
        settings.put("instance-worker.servers.default.templates.Minimal", "https://host/minimal.bak?sv=1&sig=secret");
        settings.put("instance-worker.servers.default.templates.Sample", "https://host/sample.bak");
        read(settings);
        assertThat(mistakes).hasSize(1);
        assertThat(mistakes.get(0)).contains("templates.Minimal").doesNotContain("secret");
    }

    @Test
    void everySettingCanBeSetByAnEnvironmentVariable() {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource(
                        "test-systemEnvironment",
                        Map.ofEntries(
                                Map.entry("INSTANCEWORKER_NAME", "w1"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_PLATFORM", "PostgreSQL"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_URL", "jdbc:postgresql://db/postgres"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_USERNAME", "worker"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_PASSWORD", "secret"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_TEMPLATES_MINIMAL", "minimal_template"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_DEFAULTTEMPLATE", "Minimal"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_MAXCONCURRENTJOBS", "7"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_CONNECTIONSTRING", "Host={host}"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_ALLOWUNMANAGEDDELETE", "true"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_ALLOWADOPT", "true"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_DELETE", "trash"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_TRASHRETENTION", "P30D"),
                                Map.entry("INSTANCEWORKER_DEFAULTSERVER", "DEFAULT"),
                                Map.entry("INSTANCEWORKER_PROTECTEDDATABASES", "a,b*"),
                                Map.entry("INSTANCEWORKER_DATABASENAMEPATTERN", "x.*"),
                                Map.entry("INSTANCEWORKER_DEADLINE", "2h"),
                                Map.entry("INSTANCEWORKER_MAXDEADLINE", "3h"),
                                Map.entry("INSTANCEWORKER_RETRY_MAXATTEMPTS", "3"),
                                Map.entry("INSTANCEWORKER_RETRY_TIERS", "1s,2s"),
                                Map.entry("INSTANCEWORKER_RETRY_MAXDELIVERIES", "2"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_MAXCONCURRENTQUERIES", "3"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_JOURNALDATABASE", "journal"),
                                Map.entry("INSTANCEWORKER_SWEEP_JOURNALRETENTION", "90d"),
                                Map.entry("INSTANCEWORKER_SWEEP_ENABLED", "false"),
                                Map.entry("INSTANCEWORKER_SWEEP_INTERVAL", "5m"),
                                Map.entry("INSTANCEWORKER_SWEEP_OLDERTHAN", "30m"),
                                Map.entry("INSTANCEWORKER_SWEEP_DRYRUN", "true"),
                                Map.entry("INSTANCEWORKER_REMOTECONTROL_USERNAME", "ops"),
                                Map.entry("INSTANCEWORKER_REMOTECONTROL_PASSWORD", "secret"),
                                Map.entry("INSTANCEWORKER_DESTRUCTIVEJOBSFROM", "admin-api,operator"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_ALLOWEDDATABASES", "edfi_*"),
                                Map.entry("INSTANCEWORKER_SERVERS_DEFAULT_ALLOWCOPYBETWEENTENANTS", "true"),
                                Map.entry("INSTANCEWORKER_SHUTDOWNGRACE", "1m"),
                                Map.entry("INSTANCEWORKER_RETRY_JITTER", "0.5"),
                                Map.entry("INSTANCEWORKER_REPLYTOPATTERN", "answers"),
                                Map.entry("INSTANCEWORKER_DECLARETOPOLOGY", "false"))));
        WorkerProperties read = read(environment);
        assertThat(mistakes).isEmpty();
        WorkerProperties.Server server = read.servers().get("default");
        assertThat(server)
                .isEqualTo(new WorkerProperties.Server(
                        "PostgreSQL",
                        "jdbc:postgresql://db/postgres",
                        "worker",
                        "secret",
                        Map.of("minimal", "minimal_template"),
                        "Minimal",
                        7,
                        3,
                        "journal",
                        "Host={host}",
                        true,
                        true,
                        WorkerProperties.DeleteMode.TRASH,
                        Duration.ofDays(30),
                        List.of("edfi_*"),
                        true,
                        Map.of()));
        assertThat(read)
                .isEqualTo(new WorkerProperties(
                        "w1",
                        Map.of("default", server),
                        "DEFAULT",
                        List.of("a", "b*"),
                        "x.*",
                        Duration.ofHours(2),
                        Duration.ofHours(3),
                        new WorkerProperties.Retry(3, List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), 0.5, 2),
                        new WorkerProperties.Sweep(
                                false, Duration.ofMinutes(5), Duration.ofMinutes(30), true, Duration.ofDays(90)),
                        new WorkerProperties.RemoteControl("ops", "secret"),
                        Duration.ofMinutes(1),
                        "answers",
                        false,
                        List.of("admin-api", "operator")));
        assertThat(server.toString()).doesNotContain("secret");
        assertThat(read.toString()).doesNotContain("secret");
    }

    @Test
    void allMistakesAreReportedTogetherWithTheirProperties() {
        read(Map.ofEntries(
                Map.entry("instance-worker.servers.a.platform", "oracle"),
                Map.entry("instance-worker.servers.a.max-concurrent-jobs", "0"),
                Map.entry("instance-worker.servers.misspelt.platform", "postgres"),
                Map.entry("instance-worker.servers.misspelt.url", "jdbc:postgresql://db"),
                Map.entry("instance-worker.servers[no queue].platform", "postgresql"),
                Map.entry("instance-worker.servers[no queue].url", "jdbc:postgresql://db/postgres"),
                Map.entry("instance-worker.servers[no queue].username", "worker"),
                Map.entry("instance-worker.servers.b.platform", "postgresql"),
                Map.entry("instance-worker.servers.b.url", "jdbc:postgresql://db/postgres?password=hunter2"),
                Map.entry("instance-worker.servers.b.password", "hunter3"),
                Map.entry("instance-worker.servers.b.max-concurrent-jobs", "several"),
                Map.entry("instance-worker.servers.b.default-template", "Sample"),
                Map.entry("instance-worker.servers.b.connection-string", "Host={host};Key=hunter3"),
                Map.entry("instance-worker.default-server", "c"),
                Map.entry("instance-worker.database-name-pattern", "["),
                Map.entry("instance-worker.deadline", "tomorrow"),
                Map.entry("instance-worker.max-deadline", "400d"),
                Map.entry("instance-worker.retry.max-attempts", "0"),
                Map.entry("instance-worker.retry.tiers", "30s,5s"),
                Map.entry("instance-worker.retry.jitter", "NaN"),
                Map.entry("instance-worker.retry.max-deliveries", "50"),
                Map.entry("instance-worker.servers.a.max-concurrent-queries", "0"),
                Map.entry("instance-worker.servers.a.delete", "keep"),
                Map.entry("instance-worker.servers.a.trash-retention", "0s"),
                Map.entry("instance-worker.reply-to-pattern", "("),
                Map.entry("instance-worker.sweep.interval", "0s"),
                Map.entry("instance-worker.sweep.older-than", "-1h"),
                Map.entry("instance-worker.sweep.dry-run", "perhaps"),
                Map.entry("instance-worker.sevrers.default.url", "x")));
        assertThat(mistakes)
                .extracting(m -> m.substring(0, m.indexOf(':')))
                .containsExactlyInAnyOrder(
                        "instance-worker.servers.a.platform",
                        "instance-worker.servers.a.url",
                        "instance-worker.servers.a.max-concurrent-jobs",
                        "instance-worker.servers.misspelt.platform",
                        "instance-worker.servers.misspelt.url",
                        "instance-worker.servers.misspelt.username",
                        "instance-worker.servers.no queue",
                        "instance-worker.servers.b.url",
                        "instance-worker.servers.b.username",
                        "instance-worker.servers.b.max-concurrent-jobs",
                        "instance-worker.servers.b.default-template",
                        "instance-worker.servers.b.connection-string",
                        "instance-worker.default-server",
                        "instance-worker.database-name-pattern",
                        "instance-worker.deadline",
                        "instance-worker.max-deadline",
                        "instance-worker.retry.max-attempts",
                        "instance-worker.retry.tiers",
                        "instance-worker.retry.jitter",
                        "instance-worker.retry.max-deliveries",
                        "instance-worker.servers.a.max-concurrent-queries",
                        "instance-worker.servers.a.delete",
                        "instance-worker.servers.a.trash-retention",
                        "instance-worker.reply-to-pattern",
                        "instance-worker.sweep.interval",
                        "instance-worker.sweep.journal-retention",
                        "instance-worker.sweep.older-than",
                        "instance-worker.sweep.dry-run",
                        "instance-worker.sevrers.default.url");
        assertThat(String.join(" ", mistakes)).doesNotContain("hunter").contains("plugin", "loader.path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void remoteControlWithoutALoginIsRefused(String value) {
        Map<String, Object> settings = new HashMap<>(SMALLEST);
        settings.put("instance-worker.remote-control", value);
        read(settings);
        assertThat(mistakes)
                .singleElement()
                .asString()
                .startsWith("instance-worker.remote-control: ")
                .contains("remote-control.username and remote-control.password");
    }

    @ParameterizedTest
    @CsvSource({"ops,''", "'',hunter2", "o:ps,hunter2"})
    void anIncompleteLoginOfRemoteControlIsAMistake(String username, String password) {
        Map<String, Object> settings = new HashMap<>(SMALLEST);
        settings.put("instance-worker.remote-control.username", username);
        settings.put("instance-worker.remote-control.password", password);
        read(settings);
        assertThat(mistakes)
                .containsExactly("instance-worker.remote-control: needs a username without a colon, and a password");
    }

    @Test
    void twoServersWithoutADefaultServerAreAMistake() {
        Map<String, Object> two = new HashMap<>();
        SMALLEST.forEach((property, value) -> two.put(property.replace("default", "north"), value));
        SMALLEST.forEach((property, value) -> two.put(property.replace("default", "south"), value));
        read(two);
        assertThat(mistakes)
                .singleElement()
                .asString()
                .startsWith("instance-worker.default-server: ")
                .contains("north, south");
        mistakes.clear();
        two.put("instance-worker.default-server", "South");
        read(two);
        assertThat(mistakes).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSTANCEWORKER_SERVICE_HOST",
                "INSTANCEWORKER_SERVICE_PORT",
                "INSTANCEWORKER_SERVICE_PORT_MANAGEMENT",
                "INSTANCEWORKER_PORT",
                "INSTANCEWORKER_PORT_8081_TCP",
                "INSTANCEWORKER_PORT_8081_TCP_PROTO",
                "INSTANCEWORKER_PORT_8081_TCP_PORT",
                "INSTANCEWORKER_PORT_8081_TCP_ADDR",
                "INSTANCEWORKER_METRICS_SERVICE_HOST",
                "INSTANCE_WORKER_SERVICE_HOST",
                "INSTANCE_WORKER_PORT"
            })
    void variablesThatKubernetesSetsForAServiceAreNoSettings(String variable) {
        readWithVariable(variable);
        assertThat(mistakes).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INSTANCEWORKER_DEADLIN", "INSTANCEWORKER_SERVICE", "INSTANCEWORKER_PORT_NUMBER"})
    void aMisspeltVariableIsAMistake(String variable) {
        readWithVariable(variable);
        assertThat(mistakes).singleElement().asString().endsWith("is not a setting");
    }

    @Test
    void aPropertyNamedLikeAServiceVariableIsAMistake() {
        Map<String, Object> properties = new HashMap<>(SMALLEST);
        properties.put("instance-worker.port", "8081");
        read(properties);
        assertThat(mistakes).containsExactly("instance-worker.port: is not a setting");
    }

    private void readWithVariable(String variable) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("test", SMALLEST));
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource(
                        "test-systemEnvironment", Map.of(variable, "tcp://10.0.0.7:8081")));
        read(environment);
    }

    @Test
    void aDefaultDeadlineAboveTheMaximumDeadlineIsAMistake() {
        Map<String, Object> settings = new HashMap<>(SMALLEST);
        settings.put("instance-worker.deadline", "31d");
        read(settings);
        assertThat(mistakes).singleElement().asString().startsWith("instance-worker.deadline: ");
    }

    @Test
    void noServerIsAMistake() {
        read(Map.of());
        assertThat(mistakes).singleElement().asString().startsWith("instance-worker.servers: ");
    }
}
