package io.instanceworker.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;

/** While it is stopped, a DROP DATABASE stands still after it has begun: it waits for a checkpoint. */
final class StoppedCheckpointer implements AutoCloseable {

    private final String pid;

    private StoppedCheckpointer(String pid) {
        this.pid = pid;
    }

    private static String pid(Databases databases) {
        return databases.value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
    }

    /** Only that of a server on this machine and outside a container. */
    static boolean isPossible(Databases databases) {
        return ProcessHandle.of(Long.parseLong(pid(databases)))
                .flatMap(process -> process.info().command())
                .filter(command -> command.endsWith("/postgres"))
                .isPresent();
    }

    static StoppedCheckpointer of(Databases databases) {
        StoppedCheckpointer stopped = new StoppedCheckpointer(pid(databases));
        stopped.signal("STOP");
        return stopped;
    }

    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, pid)
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill -" + name + " " + pid + " ended with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        signal("CONT");
    }
}
