package io.instanceworker.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.ReentrantLock;

/** A process of the database server that stands still until this is closed. */
final class StoppedProcess implements AutoCloseable {

    /** Two that stop one checkpointer would each let it go on under the other. */
    private static final ReentrantLock CHECKPOINTER = new ReentrantLock();

    private final String pid;

    private StoppedProcess(String pid) {
        this.pid = pid;
    }

    /** Only where the server is on this machine and outside a container. */
    static boolean isPossible(Databases databases) {
        return ProcessHandle.of(Long.parseLong(checkpointerPid(databases)))
                .flatMap(process -> process.info().command())
                .filter(command -> command.endsWith("/postgres"))
                .isPresent();
    }

    /** While it is stopped, a DROP DATABASE stands still after it has begun: it waits for a checkpoint. */
    static StoppedProcess checkpointer(Databases databases) {
        CHECKPOINTER.lock();
        return of(checkpointerPid(databases));
    }

    private static String checkpointerPid(Databases databases) {
        return databases.value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
    }

    static StoppedProcess of(String pid) {
        StoppedProcess stopped = new StoppedProcess(pid);
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
        if (CHECKPOINTER.isHeldByCurrentThread()) {
            CHECKPOINTER.unlock();
        }
    }
}
