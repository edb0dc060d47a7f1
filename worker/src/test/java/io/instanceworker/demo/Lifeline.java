package io.instanceworker.demo;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Standard input, of which the script holds the other end. When it lets go, because of Ctrl-C or because it was killed, the
 * demo ends. A signal would do for the first, but would also end the servers before the worker.
 */
final class Lifeline {

    /** How long whoever waits for the cut may look elsewhere. */
    static final Duration GLANCE = Duration.ofMillis(100);

    private final CountDownLatch cut = new CountDownLatch(1);
    private final Runnable atOnce;
    private boolean orderly;

    private Lifeline(Runnable atOnce) {
        this.atOnce = atOnce;
    }

    /** @param atOnce ends the demo in the middle of what it is doing */
    static Lifeline watch(InputStream input, Runnable atOnce) {
        Lifeline lifeline = new Lifeline(atOnce);
        Thread watcher = new Thread(() -> lifeline.read(input), "lifeline");
        watcher.setDaemon(true);
        watcher.start();
        return lifeline;
    }

    private void read(InputStream input) {
        try {
            while (input.read() >= 0) {}
        } catch (IOException e) {
            // As good as its end.
        }
        cut.countDown();
        if (!isOrderly()) {
            atOnce.run();
        }
    }

    /** From now on the demo ends by itself soon, or waits for the cut; it need not be ended in the middle. */
    synchronized void endsByItself() {
        orderly = true;
    }

    private synchronized boolean isOrderly() {
        return orderly;
    }

    boolean isCut() {
        return cut.getCount() == 0;
    }
}
