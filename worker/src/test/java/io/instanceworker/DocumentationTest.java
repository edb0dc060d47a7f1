package io.instanceworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents of this repository point to is there. */
class DocumentationTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Set<String> NOT_OURS = Set.of("target", "node_modules", ".git");

    private static final Pattern FENCED = Pattern.compile("(?ms)^ *(```+)[^\n]*\n(.*?)^ *\\1 *$");
    private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
    /** A program of this repository: at the start of a command, or named in a text. */
    private static final Pattern PROGRAM = Pattern.compile(
            "(?m)(?:^ *(?:\\$ )?(?:\\./)?(?=deploy/|\\.ci/)|`(?=deploy/local/|deploy/bin/|\\.ci/))([\\w./-]*\\w)");

    /** Code of which the page says where it is from. */
    private static final Pattern QUOTED = Pattern.compile("(?s)<!-- from (\\S+) -->\n```java\n(.*?)```");

    private static List<Path> pages() {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file ->
                            NOT_OURS.stream().noneMatch(ROOT.relativize(file).toString()::contains))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The anchors that GitHub gives to the headings of a page. */
    private static Set<String> anchors(Path page) {
        Set<String> anchors = new LinkedHashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        Matcher heading = HEADING.matcher(FENCED.matcher(text(page)).replaceAll(""));
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
        for (Path page : pages()) {
            Matcher link = LINK.matcher(FENCED.matcher(text(page)).replaceAll(""));
            while (link.find()) {
                String target = link.group(1);
                if (!target.startsWith("http") && !leadsSomewhere(page, target)) {
                    broken.add(ROOT.relativize(page) + ": " + target);
                }
            }
        }
        assertThat(pages()).hasSizeGreaterThan(10);
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
        for (Path page : pages()) {
            Matcher program = PROGRAM.matcher(text(page));
            while (program.find()) {
                if (!Files.exists(ROOT.resolve(program.group(1)))) {
                    missing.add(ROOT.relativize(page) + ": " + program.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyQuotedCodeIsThatOfItsFile() {
        int quotes = 0;
        for (Path page : pages()) {
            Matcher quoted = QUOTED.matcher(text(page));
            while (quoted.find()) {
                assertThat(text(page.resolveSibling(quoted.group(1)))).contains(quoted.group(2));
                quotes++;
            }
        }
        assertThat(quotes).isPositive();
    }

    @Test
    void everyErrorCodeIsExplained() {
        String page = text(ROOT.resolve("docs/error-codes.md"));
        assertThat(Arrays.stream(ErrorCode.values()).map(code -> "| `" + code + "` |"))
                .allSatisfy(row -> assertThat(page).contains(row));
    }
}
