package io.instanceworker.endtoend.kill;

import io.instanceworker.job.JobPoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends its worker with SIGKILL when a job comes to a point for which there is a file, {@code <job>@<point>}, and takes the
 * file away, so that it happens once. It runs in the worker; the tests bring it along in a jar of its own.
 */
public final class KilledHere implements JobPoints {

    /** The system property that names the folder of those files. */
    public static final String FOLDER = "kill-points.folder";

    /** Ends the name of a file that is for the second worker to come there. */
    public static final String AGAIN = "@again";

    private final Path folder = Path.of(System.getProperty(FOLDER));

    @Override
    public void at(String point, String jobId) {
        try {
            String file = jobId + "@" + point;
            if (Files.deleteIfExists(folder.resolve(file)) || Files.deleteIfExists(folder.resolve(file + AGAIN))) {
                new ProcessBuilder(
                                "kill",
                                "-KILL",
                                Long.toString(ProcessHandle.current().pid()))
                        .start();
                while (true) {
                    LockSupport.park();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
