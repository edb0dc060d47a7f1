package io.instanceworker.endtoend;

import io.instanceworker.testing.ChildProcess;
import io.instanceworker.testing.PostgresServers;
import io.instanceworker.testing.TempFolder;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The packaged jar, extracted and with an archive of the classes that a start loads (application class-data sharing). A
 * worker then starts with half of the CPU time. Made once in each JVM that runs tests.
 */
final class ExtractedWorker {

    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static final String MAIN_CLASS = "io.instanceworker.WorkerApplication";

    @Nullable private static ExtractedWorker made;

    private final Path jar;
    private final Path archive;

    private ExtractedWorker(Path folder) {
        jar = folder.resolve("program").resolve(WorkerProcess.jar().getFileName());
        archive = folder.resolve("classes.jsa");
    }

    static synchronized ExtractedWorker made() {
        if (made == null) {
            ExtractedWorker worker = new ExtractedWorker(TempFolder.deletedAtExit("extracted"));
            worker.extract();
            worker.archiveClasses();
            made = worker;
        }
        return made;
    }

    /**
     * The arguments of java that run the worker.
     *
     * @param further jars that the class path has besides the worker's own
     */
    List<String> program(List<Path> further) {
        return List.of("-XX:SharedArchiveFile=" + archive, "-cp", classPath(further), MAIN_CLASS);
    }

    /** The archive holds for every class path that starts as the one did from which it was made. */
    private String classPath(List<Path> further) {
        return Stream.concat(Stream.of(jar), further.stream())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void extract() {
        List<String> command = List.of(
                JAVA,
                "-Djarmode=tools",
                "-jar",
                WorkerProcess.jar().toString(),
                "extract",
                "--destination",
                jar.getParent().toString());
        ChildProcess.start(command, archive.resolveSibling("extract.log"), Map.of())
                .awaitSuccess();
    }

    /** The JVM writes the archive when it ends: of a worker that has done a job. */
    private void archiveClasses() {
        EndToEnd e2e = EndToEnd.open(PostgresServers.NEWEST, "archive");
        try {
            WorkerProcess worker = e2e.start(e2e.settings()
                            .jvmOption("-XX:ArchiveClassesAtExit=" + archive)
                            .program(() -> List.of("-cp", classPath(List.of()), MAIN_CLASS)))
                    .awaitReady();
            e2e.send(JobJson.of("Add", "archived", e2e.database("archived")));
            e2e.events().awaitSuccess("archived");
            worker.terminate();
            worker.awaitEnd();
            if (!Files.exists(archive)) {
                throw new IllegalStateException("The JVM wrote no archive of its classes\n" + worker.tail());
            }
        } finally {
            e2e.close();
        }
    }
}
