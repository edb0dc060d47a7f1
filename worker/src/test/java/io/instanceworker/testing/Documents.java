package io.instanceworker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The documents of this repository. */
public final class Documents {

    public static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** A block of code. */
    public static final Pattern FENCED = Pattern.compile("(?ms)^ *(```+)[^\n]*\n(.*?)^ *\\1 *$");

    private static final Set<String> NOT_OURS = Set.of("target", "node_modules", ".git");

    private Documents() {}

    public static List<Path> pages() {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file ->
                            NOT_OURS.stream().noneMatch(ROOT.relativize(file).toString()::contains))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String text(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
