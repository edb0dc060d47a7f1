package io.instanceworker.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Keeps what is needed to understand a run: all events and logs, and apart those of each job that a violation names. */
final class ChaosEvidenceFolder {

    private final Path folder;
    private final Map<String, String> logs = new TreeMap<>();

    ChaosEvidenceFolder(long seed, List<ChaosWorker> workers) {
        folder = WorkerProcess.jar().resolveSibling("chaos").resolve("seed-" + seed);
        workers.forEach(worker -> logs.putAll(worker.logs()));
    }

    Path write(List<String> violations, Evidence evidence, List<Event> events) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("violations.txt"), violations);
        Files.write(
                folder.resolve("events.txt"),
                events.stream().map(Event::toString).toList());
        Files.write(
                folder.resolve("jobs.txt"),
                evidence.jobs().stream().map(SentJob::toString).toList());
        Files.write(
                folder.resolve("dead.txt"),
                evidence.dead().stream()
                        .map(dead -> dead.text() + " " + dead.properties())
                        .toList());
        for (Map.Entry<String, String> log : logs.entrySet()) {
            Files.writeString(folder.resolve(log.getKey() + ".log"), log.getValue());
        }
        for (SentJob job : evidence.jobs()) {
            if (violations.stream().anyMatch(violation -> isNamedIn(violation, job))) {
                writeJob(job, events);
            }
        }
        return folder;
    }

    private static boolean isNamedIn(String violation, SentJob job) {
        String database = job.instance().databaseName();
        return violation.contains(job.jobId()) || (database != null && violation.contains(database));
    }

    /** The log lines of one job, of all workers, begin with their time. */
    private void writeJob(SentJob job, List<Event> events) throws IOException {
        Stream<String> told = events.stream()
                .filter(event -> event.jobId().equals(job.jobId()))
                .map(Event::toString);
        Stream<String> logged = logs.values().stream()
                .flatMap(String::lines)
                .filter(line -> line.contains('"' + job.jobId() + '"'))
                .sorted();
        Files.write(
                folder.resolve("job-" + job.jobId() + ".txt"),
                Stream.of(Stream.of(job.toString()), told, logged)
                        .flatMap(s -> s)
                        .toList());
    }
}
