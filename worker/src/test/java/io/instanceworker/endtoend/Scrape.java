package io.instanceworker.endtoend;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Prometheus gets when it reads the metrics of a program.
 *
 * @param types of the metrics by name: counter, gauge, histogram, …
 */
record Scrape(List<Sample> samples, Map<String, String> types) {

    private static final Pattern SAMPLE = Pattern.compile("([a-z_A-Z0-9:]+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-z_A-Z0-9]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    record Sample(String name, Map<String, String> labels, double value) {

        private boolean has(String... wanted) {
            return Stream.of(wanted).allMatch(label -> {
                int equals = label.indexOf('=');
                return label.substring(equals + 1).equals(labels.get(label.substring(0, equals)));
            });
        }
    }

    static Scrape of(WorkerProcess worker) throws IOException {
        return of(worker.get("/actuator/prometheus").body());
    }

    static Scrape of(URI url) throws IOException {
        return of(WorkerProcess.send(HttpRequest.newBuilder(url)).body());
    }

    static Scrape of(String text) {
        Map<String, String> types = new TreeMap<>();
        List<Sample> samples = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ", -1);
                types.put(words[2], words[3]);
            } else if (!line.startsWith("#") && !line.isBlank()) {
                samples.add(sample(line));
            }
        }
        return new Scrape(samples, types);
    }

    private static Sample sample(String line) {
        Matcher sample = SAMPLE.matcher(line);
        if (!sample.matches()) {
            throw new AssertionError("Not a sample: " + line);
        }
        Map<String, String> labels = new HashMap<>();
        if (sample.group(2) != null) {
            Matcher label = LABEL.matcher(sample.group(2));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
        }
        return new Sample(
                sample.group(1), labels, Double.parseDouble(sample.group(3).replace("Inf", "Infinity")));
    }

    /** The labels of a metric, without that of the buckets. */
    Set<String> labels(String name) {
        return samples.stream()
                .filter(sample -> sample.name().equals(name) || sample.name().equals(name + "_count"))
                .flatMap(sample -> sample.labels().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * The value of the one sample with these labels, and perhaps others.
     *
     * @param labels such as {@code outcome=error}
     */
    double value(String name, String... labels) {
        List<Sample> found = samples.stream()
                .filter(sample -> sample.name().equals(name) && sample.has(labels))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " samples of " + name + " with " + List.of(labels));
        }
        return found.get(0).value();
    }
}
