package io.instanceworker.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The small System V segment by which PostgreSQL knows that its data are in use. Only a killed server leaves it. */
final class SharedMemory {

    private SharedMemory() {}

    static void removeWhatWasLeftBy(Path data) {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        try {
            List<String> lines = Files.readAllLines(pidFile);
            if (lines.size() > 6) {
                String keyAndId = lines.get(6).trim();
                String id = keyAndId.substring(keyAndId.lastIndexOf(' ') + 1);
                new ProcessBuilder("ipcrm", "-m", id)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            }
        } catch (IOException noSuchProgram) {
            System.err.println("[test servers] a few bytes of shared memory stay behind: " + noSuchProgram);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
