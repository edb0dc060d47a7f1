package io.instanceworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.testing.Documents;
import java.lang.reflect.Field;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the documents of this repository point to is there. */
class DocumentationTest {

    private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
    /** A program of this repository: at the start of a command, or named in a text. */
    private static final Pattern PROGRAM = Pattern.compile(
            "(?m)(?:^ *(?:\\$ )?(?:\\./)?(?=deploy/|\\.ci/)|`(?=deploy/local/|deploy/bin/|\\.ci/))([\\w./-]*\\w)");

    /** Code of which the page says where it is from. */
    private static final Pattern QUOTED = Pattern.compile("(?s)<!-- from (\\S+) -->\n```java\n(.*?)```");

    /** The anchors that GitHub gives to the headings of a page. */
    private static Set<String> anchors(Path page) {
        Set<String> anchors = new LinkedHashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        Matcher heading =
                HEADING.matcher(Documents.FENCED.matcher(Documents.text(page)).replaceAll(""));
        while (heading.find()) {
            String slug = heading.group(1)
                    .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
            int before = seen.merge(slug, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? slug : slug + "-" + before);
        }
        return anchors;
    }

    @Test
    void everyLinkLeadsSomewhere() {
        List<String> broken = new ArrayList<>();
        for (Path page : Documents.pages()) {
            Matcher link =
                    LINK.matcher(Documents.FENCED.matcher(Documents.text(page)).replaceAll(""));
            while (link.find()) {
                String target = link.group(1);
                if (!target.startsWith("http") && !leadsSomewhere(page, target)) {
                    broken.add(Documents.ROOT.relativize(page) + ": " + target);
                }
            }
        }
        assertThat(Documents.pages()).hasSizeGreaterThan(10);
        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Path page, String target) {
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty()
                ? page
                : page.resolveSibling(URLDecoder.decode(parts[0], StandardCharsets.UTF_8))
                        .normalize();
        return Files.exists(file) && (parts.length == 1 || anchors(file).contains(parts[1]));
    }

    @Test
    void everyProgramThatIsNamedIsThere() {
        List<String> missing = new ArrayList<>();
        for (Path page : Documents.pages()) {
            Matcher program = PROGRAM.matcher(Documents.text(page));
            while (program.find()) {
                if (!Files.exists(Documents.ROOT.resolve(program.group(1)))) {
                    missing.add(Documents.ROOT.relativize(page) + ": " + program.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyQuotedCodeIsThatOfItsFile() {
        int quotes = 0;
        for (Path page : Documents.pages()) {
            Matcher quoted = QUOTED.matcher(Documents.text(page));
            while (quoted.find()) {
                assertThat(Documents.text(page.resolveSibling(quoted.group(1)))).contains(quoted.group(2));
                quotes++;
            }
        }
        assertThat(quotes).isPositive();
    }

    @Test
    void everyErrorCodeIsExplained() {
        String page = Documents.text(Documents.ROOT.resolve("docs/error-codes.md"));
        assertThat(Arrays.stream(ErrorCode.values()).map(code -> "| `" + code + "` |"))
                .allSatisfy(row -> assertThat(page).contains(row));
    }

    @Test
    void everyExitCodeIsExplained() throws IllegalAccessException {
        String page = Documents.text(Documents.ROOT.resolve("docs/instancectl.md"));
        for (Field code : ExitCode.class.getFields()) {
            assertThat(page).as(code.getName()).contains("\n| " + code.getInt(null) + " | ");
        }
    }
}
