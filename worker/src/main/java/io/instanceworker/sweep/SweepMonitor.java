package io.instanceworker.sweep;

/** Called for each leftover that the sweep has processed, for metrics. */
@FunctionalInterface
public interface SweepMonitor {

    /** What the sweep did with a leftover. */
    enum Outcome {
        REMOVED,
        /** Dry run: the sweep would have tried to remove it. */
        WOULD_REMOVE,
        /** A job, or the sweep of another worker, works on it. */
        BUSY,
        /** The removal failed, or the sweep of the whole server. */
        FAILED
    }

    /** @param server as configured */
    void swept(String server, Outcome outcome);
}
