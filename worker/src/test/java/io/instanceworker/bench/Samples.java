package io.instanceworker.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The values of one quantity, one for each round. */
record Samples(double median, double min, double max, List<Double> values) {

    static Samples of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("There are no values");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Samples(median(sorted), sorted[0], sorted[sorted.length - 1], List.copyOf(values));
    }

    static Samples of(double... values) {
        return of(Arrays.stream(values).boxed().toList());
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** As in "943 (920..960)": the median, and the smallest and the largest value where there are several. */
    String text() {
        return values.size() == 1 ? number(median) : number(median) + " (" + number(min) + ".." + number(max) + ")";
    }

    /** Three digits that count. */
    static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
