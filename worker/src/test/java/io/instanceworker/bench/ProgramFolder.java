package io.instanceworker.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A copy of the worker's jar, so that a build beside the bench does not change what runs, and the workers' logs. */
final class ProgramFolder implements AutoCloseable {

    private final Path path;
    private final Thread atExit = new Thread(this::delete, "delete-program-folder");
    private boolean kept;

    private ProgramFolder(Path path) {
        this.path = path;
    }

    static ProgramFolder copy(Path jar) throws IOException {
        if (!Files.exists(jar)) {
            throw new IllegalArgumentException("There is no " + jar + "; deploy/local/bench builds it");
        }
        ProgramFolder folder = new ProgramFolder(Files.createTempDirectory("instance-worker-bench-"));
        Runtime.getRuntime().addShutdownHook(folder.atExit);
        Files.copy(jar, folder.jar());
        return folder;
    }

    Path path() {
        return path;
    }

    Path jar() {
        return path.resolve("instance-worker.jar");
    }

    /** Leaves the logs where something went wrong. */
    void keepIf(boolean wrong) {
        if (wrong) {
            kept = true;
            System.err.println("bench: the workers' logs are in " + path);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        if (!kept) {
            delete();
        }
    }

    private void delete() {
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Could not delete " + path, e);
        }
    }
}
