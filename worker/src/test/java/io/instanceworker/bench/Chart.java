package io.instanceworker.bench;

import io.instanceworker.bench.Series.Point;
import java.util.List;
import java.util.Locale;

/** Lines over two axes that both begin at zero, as SVG. */
final class Chart {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 360;
    private static final int LEFT = 64;
    private static final int RIGHT = 28;
    private static final int TOP = 56;
    private static final int BOTTOM = 48;
    private static final int STEPS = 5;

    /** Distinguishable also by readers who do not see all colours (Okabe and Ito). */
    private static final List<String> COLOURS = List.of("#56b4e9", "#d55e00", "#009e73", "#cc79a7");

    private final String title;
    private final String xTitle;
    private final String yTitle;
    private final List<Series> lines;
    private final double xMax;
    private final double yMax;

    Chart(String title, String xTitle, String yTitle, List<Series> lines) {
        this.title = title;
        this.xTitle = xTitle;
        this.yTitle = yTitle;
        this.lines = lines;
        this.xMax = roundedUp(largest(lines, true));
        this.yMax = roundedUp(largest(lines, false));
    }

    private static double largest(List<Series> lines, boolean x) {
        return lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(point -> x ? point.x() : point.y())
                .max()
                .orElse(1);
    }

    /** To a number of which every step of an axis is round: 1, 2, 2.5, 4 or 5 times a power of ten for each step. */
    static double roundedUp(double value) {
        double step = Math.max(value, 1e-9) / STEPS;
        double power = Math.pow(10, Math.floor(Math.log10(step)));
        for (double factor : new double[] {1, 2, 2.5, 4, 5}) {
            if (factor * power >= step * 0.999999) {
                return factor * power * STEPS;
            }
        }
        return 10 * power * STEPS;
    }

    String svg() {
        StringBuilder svg = new StringBuilder();
        svg.append(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n",
                WIDTH, HEIGHT));
        svg.append(format("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>%n", WIDTH, HEIGHT));
        svg.append(text(LEFT, 20, "start", "font-size=\"15\" ", title));
        axes(svg);
        for (int i = 0; i < lines.size(); i++) {
            line(svg, lines.get(i), i);
        }
        return svg.append("</svg>\n").toString();
    }

    private void axes(StringBuilder svg) {
        for (int i = 0; i <= STEPS; i++) {
            double xValue = xMax * i / STEPS;
            double yValue = yMax * i / STEPS;
            svg.append(format(
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n",
                    LEFT, WIDTH - RIGHT, y(yValue), y(yValue)));
            svg.append(text(LEFT - 8, y(yValue) + 4, "end", "", label(yValue)));
            svg.append(text(x(xValue), HEIGHT - BOTTOM + 18, "middle", "", label(xValue)));
        }
        svg.append(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", "", xTitle));
        svg.append(text(LEFT - 8, TOP - 12, "end", "", yTitle));
    }

    private void line(StringBuilder svg, Series line, int number) {
        String colour = COLOURS.get(number % COLOURS.size());
        StringBuilder points = new StringBuilder();
        for (Point point : line.points()) {
            points.append(format("%.1f,%.1f ", x(point.x()), y(point.y())));
            svg.append(format(
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", x(point.x()), y(point.y()), colour));
        }
        svg.append(format(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                points.toString().strip(), colour));
        int legend = LEFT + number * 200;
        svg.append(format("<rect x=\"%d\" y=\"28\" width=\"14\" height=\"4\" fill=\"%s\"/>%n", legend, colour));
        svg.append(text(legend + 20, 34, "start", "", line.name()));
    }

    private double x(double value) {
        return LEFT + value / xMax * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / yMax * (HEIGHT - TOP - BOTTOM);
    }

    private static String text(double x, double y, String anchor, String more, String text) {
        return format(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %sfill=\"#222222\">%s</text>%n",
                x, y, anchor, more, escaped(text));
    }

    private static String label(double value) {
        return value == Math.rint(value) ? format("%.0f", value) : format("%.2f", value);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
