package io.instanceworker.bench;

/**
 * What a value must be.
 *
 * @param value what was measured
 * @param atLeast whether the limit is the smallest value that is good enough, else it is the largest
 */
record Goal(double value, boolean atLeast, double limit) {

    static Goal atLeast(double limit, double value) {
        return new Goal(value, true, limit);
    }

    static Goal atMost(double limit, double value) {
        return new Goal(value, false, limit);
    }

    boolean isMet() {
        return atLeast ? value >= limit : value <= limit;
    }

    String text() {
        return (atLeast ? "≥ " : "≤ ") + Samples.number(limit);
    }
}
