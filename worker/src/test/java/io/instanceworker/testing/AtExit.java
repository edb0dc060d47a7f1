package io.instanceworker.testing;

import java.util.ArrayDeque;
import java.util.Deque;

/** The safety net: closes, newest first, what is still open when this JVM ends. */
final class AtExit {

    private static final Deque<AutoCloseable> OPEN = new ArrayDeque<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(AtExit::closeAll, "close-test-servers"));
    }

    private AtExit() {}

    static void close(AutoCloseable closeable) {
        synchronized (OPEN) {
            OPEN.push(closeable);
        }
    }

    static void forget(AutoCloseable closeable) {
        synchronized (OPEN) {
            OPEN.removeIf(other -> other == closeable);
        }
    }

    private static void closeAll() {
        for (AutoCloseable next = newest(); next != null; next = newest()) {
            try {
                next.close();
            } catch (Exception e) {
                System.err.println("[test servers] could not close " + next + ": " + e);
            }
        }
    }

    private static AutoCloseable newest() {
        synchronized (OPEN) {
            return OPEN.poll();
        }
    }
}
