package io.instanceworker.bench;

/** The time that one piece of work took: its start and its end in milliseconds of a common clock. */
record Span(double start, double end) {

    static Span since(long startNanos) {
        return new Span(startNanos / 1e6, System.nanoTime() / 1e6);
    }

    double millis() {
        return end - start;
    }
}
