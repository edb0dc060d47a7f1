package io.instanceworker.bench;

import org.jspecify.annotations.Nullable;

/**
 * One line of the result.
 *
 * @param part the measurement that it belongs to
 * @param unit of the two columns that follow
 * @param alone what the servers do without the worker
 * @param worker null where only the servers are measured
 * @param compared the number that the goal is about, such as the quotient of the two
 * @param goal null where the value is only shown
 */
record Row(
        String part,
        String what,
        String unit,
        @Nullable Samples alone,
        @Nullable Samples worker,
        @Nullable Samples compared,
        @Nullable Goal goal) {

    static Row shown(String part, String what, String unit, @Nullable Samples alone, Samples worker) {
        return new Row(part, what, unit, alone, worker, null, null);
    }

    static Row atLeast(
            double limit, String part, String what, String unit, Samples alone, Samples worker, Samples compared) {
        return new Row(part, what, unit, alone, worker, compared, Goal.atLeast(limit, compared.median()));
    }

    static Row atMost(
            double limit,
            String part,
            String what,
            String unit,
            @Nullable Samples alone,
            Samples worker,
            Samples compared) {
        return new Row(part, what, unit, alone, worker, compared, Goal.atMost(limit, compared.median()));
    }

    boolean isUnmet() {
        return goal != null && !goal.isMet();
    }
}
