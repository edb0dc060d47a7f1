package io.instanceworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.provision.postgres.PostgresProvisionerFactory;
import io.instanceworker.provision.sqlserver.SqlServerProvisionerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The table in {@code docs/settings.md} is made of the metadata that the build makes of {@code WorkerProperties}. */
class SettingsPageTest {

    private static final Path PAGE = Path.of("../docs/settings.md");
    private static final String BEGIN = "settings-page.write=true -->\n";
    private static final String END = "<!-- end of the table -->";
    private static final String METADATA = "/META-INF/spring-configuration-metadata.json";
    private static final String OURS = "instance-worker.";
    private static final String OF_A_SERVER = OURS + "servers.name.";
    private static final String OF_AN_ENGINE = OF_A_SERVER + "properties.";
    private static final List<InstanceProvisionerFactory> ENGINES =
            List.of(new PostgresProvisionerFactory(), new SqlServerProvisionerFactory());

    private record Setting(String name, String type, String defaultValue, String meaning) {

        private static Setting of(JsonNode property) {
            JsonNode value = property.path("defaultValue");
            return new Setting(
                    property.path("name").asString(),
                    property.path("type").asString(),
                    value.asString("").replaceAll("^\\[|]$", "").replace(", ", ","),
                    property.path("description").asString());
        }

        /** Those that are only the roof of others have no row. */
        private boolean hasRow() {
            return name.startsWith(OURS) && !name.equals(OURS + "servers") && !name.equals(OF_A_SERVER + "properties");
        }

        private String row() {
            String shown = name.replace(OF_A_SERVER, OURS + "servers.<name>.").substring(OURS.length());
            return "| `" + (type.startsWith("java.util.Map") ? shown + ".<template>" : shown) + "` | " + kind() + " | "
                    + (defaultValue.isEmpty() ? "–" : "`" + defaultValue + "`") + " | "
                    + meaning.replaceAll("\\{@code ((?:[^{}]|\\{[^}]*})*)}", "`$1`")
                            .replace("|", "\\|") + " |\n";
        }

        private String kind() {
            String element = type.replaceAll(".*<(?:.*,)?|>", "").replaceAll(".*[.$]", "");
            String plain = switch (element) {
                case "Duration" -> "time";
                case "Integer", "Double" -> "number";
                case "Boolean" -> "true, false";
                case "DeleteMode" -> "drop, trash";
                default -> "text";
            };
            return type.startsWith("java.util.List") ? plain + "[]" : plain;
        }
    }

    private static List<Setting> settings() throws IOException {
        try (InputStream metadata = SettingsPageTest.class.getResourceAsStream(METADATA)) {
            return JsonMapper.shared()
                    .readTree(metadata)
                    .path("properties")
                    .valueStream()
                    .map(Setting::of)
                    .filter(Setting::hasRow)
                    .toList();
        }
    }

    private static Stream<String> ofEngines() throws IOException {
        return settings().stream()
                .filter(setting -> setting.name().startsWith(OF_AN_ENGINE))
                .map(setting -> setting.name().substring(OF_AN_ENGINE.length()));
    }

    @Test
    void theTableHasEverySettingAsTheCodeHasIt() throws IOException {
        String table = settings().stream()
                .sorted(Comparator.comparing((Setting setting) -> setting.name().startsWith(OF_A_SERVER) ? 0 : 1)
                        .thenComparing(setting -> setting.name().startsWith(OF_AN_ENGINE))
                        .thenComparing(setting ->
                                setting.name().substring(OURS.length()).contains(".")))
                .map(Setting::row)
                .collect(Collectors.joining("", "| property | type | default | meaning |\n|---|---|---|---|\n", ""));
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        if (Boolean.getBoolean("settings-page.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
        } else {
            assertThat(page.substring(begin, end)).isEqualTo(table);
        }
    }

    @Test
    void everySettingOfAnEngineIsOneThatAnEngineKnows() throws IOException {
        for (String name : ofEngines().toList()) {
            assertThat(ENGINES)
                    .as(name)
                    .anySatisfy(engine -> assertThat(mistakes(engine, name)).doesNotContain("is not a setting"));
        }
    }

    @Test
    void everySettingThatAnEngineKnowsIsInTheTable() throws IOException {
        for (InstanceProvisionerFactory engine : ENGINES) {
            String known = mistakes(engine, "nonsense").replaceAll(".*there are ", "");
            assertThat(ofEngines()).as(engine.platform()).contains(known.split(", "));
        }
    }

    private static String mistakes(InstanceProvisionerFactory engine, String property) {
        ServerDefinition server = new ServerDefinition(
                "s", engine.platform(), "", null, null, "instance_worker", new Concurrency(1, 1), Map.of(property, ""));
        return engine.mistakesIn(server).stream()
                .filter(mistake -> mistake.startsWith("properties."))
                .collect(Collectors.joining());
    }
}
