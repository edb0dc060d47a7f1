package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.endtoend.kill.KilledHere;
import io.instanceworker.job.FaultInjectionPoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the archive does not fit, the JVM goes on without it, and the tests would only be slower. */
class ExtractedWorkerIT {

    @TempDir
    Path folder;

    @Test
    void anExtractedWorkerLoadsItsClassesFromTheArchive() throws IOException {
        assertThat(classesLoadedBy(new WorkerSettings(Map.of()))).contains(fromTheArchive());
    }

    @Test
    void anExtractedWorkerWithAFurtherJarLoadsItsClassesFromTheArchive() throws IOException {
        Path jar = folder.resolve("further.jar");
        PluginJar.write(jar, FaultInjectionPoints.class, KilledHere.class);

        assertThat(classesLoadedBy(new WorkerSettings(Map.of()).onClassPath(jar)))
                .contains(fromTheArchive());
    }

    private static String fromTheArchive() {
        return "io.instanceworker.WorkerApplication source: shared objects file (top)";
    }

    private String classesLoadedBy(WorkerSettings settings) throws IOException {
        Path classes = folder.resolve("classes.log");
        settings.argument("dead-letters").argument("--help").jvmOption("-Xlog:class+load:file=" + classes);
        try (WorkerProcess command = settings.start("help", Set.of())) {
            assertThat(command.awaitEnd()).as(command.tail()).isZero();
        }
        return Files.readString(classes);
    }
}
