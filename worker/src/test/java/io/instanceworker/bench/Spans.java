package io.instanceworker.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a backlog's work was spread over, by the start and end of each piece. */
final class Spans {

    private static final int PARTS = 20;

    private final List<Span> byStart;
    private final List<Span> byEnd;

    Spans(List<Span> all) {
        if (all.size() < 2) {
            throw new IllegalArgumentException("Of " + all.size() + " pieces of work no speed can be said");
        }
        byStart = all.stream().sorted(Comparator.comparingDouble(Span::start)).toList();
        byEnd = all.stream().sorted(Comparator.comparingDouble(Span::end)).toList();
    }

    int count() {
        return byEnd.size();
    }

    /** A second, from the first start to the last end. */
    double rate() {
        return count() / seconds(byStart.get(0).start(), byEnd.get(count() - 1).end());
    }

    double medianMillis() {
        return Samples.of(byStart.stream().map(Span::millis).toList()).median();
    }

    /** The longest time between two ends while at least one piece waited: more were left than {@code width}. */
    double longestGapMillis(int width) {
        double longest = 0;
        for (int i = 1; i < count() - width; i++) {
            longest = Math.max(longest, byEnd.get(i).end() - byEnd.get(i - 1).end());
        }
        return longest;
    }

    /** The longest time in which nothing was at work although something had not started yet. */
    double longestIdleMillis() {
        double longest = 0;
        double busyUntil = byStart.get(0).end();
        for (Span span : byStart) {
            longest = Math.max(longest, span.start() - busyUntil);
            busyUntil = Math.max(busyUntil, span.end());
        }
        return longest;
    }

    /** The rate of each twentieth, over the number of pieces done at its end. */
    List<Series.Point> rates() {
        List<Series.Point> points = new ArrayList<>();
        int parts = Math.min(PARTS, count());
        double from = byStart.get(0).start();
        int done = 0;
        for (int part = 1; part <= parts; part++) {
            int next = count() * part / parts;
            double to = byEnd.get(next - 1).end();
            points.add(new Series.Point(next, (next - done) / seconds(from, to)));
            from = to;
            done = next;
        }
        return points;
    }

    /** The rate of the last twentieth over that of the second; of 20,000 these are the last and the second thousand. */
    double lastOverSecond() {
        List<Series.Point> rates = rates();
        return rates.get(rates.size() - 1).y() / rates.get(1).y();
    }

    /** What ends in the same millisecond as it started took at least some of it. */
    private static double seconds(double from, double to) {
        return Math.max(to - from, 0.001) / 1_000;
    }
}
