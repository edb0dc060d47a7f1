package io.instanceworker.bench;

import java.util.List;

/**
 * The points of one line of a chart.
 *
 * @param chart the chart's name
 */
record Series(String chart, String name, List<Point> points) {

    record Point(double x, double y) {}
}
