package io.instanceworker.cli;

/** Until it is closed, Ctrl-C and SIGTERM print what goes on at the worker. The process then ends with 130 or 143. */
final class InterruptionNotice implements AutoCloseable {

    private final Thread atEnd;

    InterruptionNotice(Runnable notice) {
        atEnd = new Thread(notice, "interruption-notice");
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException e) {
            // The process is ending, so the notice was printed.
        }
    }
}
