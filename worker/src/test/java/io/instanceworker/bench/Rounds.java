package io.instanceworker.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Values over the rounds of a measurement. */
final class Rounds {

    private Rounds() {}

    static <T> Samples of(List<T> rounds, ToDoubleFunction<T> value) {
        return Samples.of(rounds.stream().mapToDouble(value).toArray());
    }

    /** The worker's value over that of the servers alone, each from the same round. */
    static <T> Samples quotients(List<T> worker, List<T> alone, ToDoubleFunction<T> value) {
        List<Double> quotients = new ArrayList<>();
        for (int i = 0; i < Math.min(worker.size(), alone.size()); i++) {
            quotients.add(value.applyAsDouble(worker.get(i)) / value.applyAsDouble(alone.get(i)));
        }
        return Samples.of(quotients);
    }

    static <T> T last(List<T> rounds) {
        return rounds.get(rounds.size() - 1);
    }
}
