package io.instanceworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.provision.ServersFactory;
import io.instanceworker.settings.SettingsReader;
import io.instanceworker.settings.WorkerProperties;
import io.instanceworker.testing.Documents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

/** The worker takes the settings that the documents show. */
class DocumentedSettingsTest {

    /** Not the names of files, such as {@code instance-worker.jar}. */
    private static final Pattern NAME = Pattern.compile(
            "\\binstance-worker\\.(?!(?:jar|service|yaml|json|sql|conf)\\b)[\\w<>-]++(?:\\.[\\w<>-]++)*+(?!\\.\\*)");

    private static final Pattern YAML = Pattern.compile("(?m)^instance-worker:$");

    @Test
    void everySettingThatIsNamedIsOne() {
        Set<String> unknown = new TreeSet<>();
        for (Path page : Documents.pages()) {
            NAME.matcher(Documents.text(page))
                    .results()
                    .map(MatchResult::group)
                    .filter(DocumentedSettingsTest::isUnknown)
                    .forEach(unknown::add);
        }
        assertThat(unknown)
                .as("a mistake that diagnosis.md shows, and a setting of an earlier version in operating.md")
                .containsExactly("instance-worker.deadlin", "instance-worker.remember-ends");
    }

    private static boolean isUnknown(String name) {
        return mistakes(new MapPropertySource("named", Map.of(name.replace("<name>", "default"), "x"))).stream()
                .anyMatch(mistake -> mistake.endsWith(": is not a setting"));
    }

    @Test
    void everyExampleInYamlHasNoMistake() throws IOException {
        int examples = 0;
        for (Path page : Documents.pages()) {
            for (MatchResult block :
                    Documents.FENCED.matcher(Documents.text(page)).results().toList()) {
                String text = block.group(2);
                if (YAML.matcher(text).find()) {
                    List<PropertySource<?>> read = new YamlPropertySourceLoader()
                            .load("example", new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8)));
                    assertThat(mistakes(read.get(0))).as(page + "\n" + text).isEmpty();
                    examples++;
                }
            }
        }
        assertThat(examples).as("first-afternoon.md and sqlserver.md").isEqualTo(2);
    }

    private static List<String> mistakes(PropertySource<?> settings) {
        StandardEnvironment environment = new StandardEnvironment();
        MutablePropertySources sources = environment.getPropertySources();
        sources.forEach(source -> sources.remove(source.getName()));
        sources.addFirst(settings);
        List<String> mistakes = new ArrayList<>();
        WorkerProperties read = SettingsReader.read(environment, mistakes);
        new ServersFactory(read, ServersFactory.installedEngines(), mistakes).findMistakes();
        return mistakes;
    }
}
