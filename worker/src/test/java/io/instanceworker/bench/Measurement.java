package io.instanceworker.bench;

/** One part of the bench. It starts what it needs and ends it. */
@FunctionalInterface
interface Measurement {

    /** Called by the main thread. */
    void measure(Run run) throws Exception;
}
