package io.instanceworker.endtoend.kill;

import io.instanceworker.job.FaultInjectionPoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends its worker with SIGKILL when a job comes to a point for which there is a file, {@code <job>@<point>}, and takes the
 * file away, so that it happens once. Or holds the job there, from when it has renamed a file {@code …@hold} to
 * {@code …@held} until that one is gone. It runs in the worker; the tests bring it along in a jar of its own.
 */
public final class KilledHere implements FaultInjectionPoints {

    /** The system property that names the folder of those files. */
    public static final String FOLDER = "kill-points.folder";

    /** Ends the name of a file that is for the second worker to come there. */
    public static final String AGAIN = "@again";

    /** Ends the name of a file that holds a job instead. */
    public static final String HOLD = "@hold";

    /** Ends the name of that file while it does. */
    public static final String HELD = "@held";

    private static final long LOOK_AGAIN_NANOS = 10_000_000;

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
            if (Files.exists(folder.resolve(file + HOLD))) {
                Path held = Files.move(folder.resolve(file + HOLD), folder.resolve(file + HELD));
                while (Files.exists(held)) {
                    LockSupport.parkNanos(LOOK_AGAIN_NANOS);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
