package io.instanceworker.sweep;

/** Hears what becomes of leftovers, for metrics. */
@FunctionalInterface
public interface SweepMonitor {

    /** What became of one. */
    enum Outcome {
        REMOVED,
        /** It would have been tried, were this no dry run. */
        WOULD_REMOVE,
        /** A job, or another worker's sweep, is at it. */
        BUSY,
        /** It, or the whole server, could not be seen to. */
        FAILED
    }

    /** @param server as configured */
    void swept(String server, Outcome outcome);
}
