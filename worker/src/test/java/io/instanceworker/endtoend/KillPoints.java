package io.instanceworker.endtoend;

import io.instanceworker.endtoend.kill.KilledHere;
import io.instanceworker.job.FaultInjectionPoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Points at which a worker dies, armed for one job each. */
final class KillPoints {

    private final Path jar;
    private final Path armed;

    /** @param folder an empty one */
    KillPoints(Path folder) {
        try {
            armed = Files.createDirectory(folder.resolve("armed"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        jar = folder.resolve("kill-points.jar");
        PluginJar.write(jar, FaultInjectionPoints.class, KilledHere.class);
    }

    /** Makes a worker one that can die of them. */
    WorkerSettings in(WorkerSettings settings) {
        return settings.onClassPath(jar).jvmOption("-D" + KilledHere.FOLDER + "=" + armed);
    }

    /** The first worker that comes to this point with this job dies of it. */
    void arm(String jobId, String point) {
        create(jobId + "@" + point);
    }

    /** So does the second. */
    void armAgain(String jobId, String point) {
        create(jobId + "@" + point + KilledHere.AGAIN);
    }

    /** The first worker that comes to this point with this job stays there until {@link #release}. */
    void hold(String jobId, String point) {
        create(jobId + "@" + point + KilledHere.HOLD);
    }

    boolean isHeld(String jobId, String point) {
        return Files.exists(held(jobId, point));
    }

    void release(String jobId, String point) {
        try {
            Files.delete(held(jobId, point));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path held(String jobId, String point) {
        return armed.resolve(jobId + "@" + point + KilledHere.HELD);
    }

    private void create(String file) {
        try {
            Files.createFile(armed.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is armed still, because no worker has come there. */
    List<String> armed() {
        try (Stream<Path> files = Files.list(armed)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void disarm() {
        armed().forEach(file -> armed.resolve(file).toFile().delete());
    }
}
