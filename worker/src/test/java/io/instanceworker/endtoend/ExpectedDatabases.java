package io.instanceworker.endtoend;

import static java.util.stream.Collectors.toCollection;

import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.OutcomeKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which databases there are by what was told. Jobs for one database exclude each other, and tell from when to when they had
 * it; only where these times overlap is either end believed.
 */
final class ExpectedDatabases {

    enum Presence {
        REQUIRED,
        FORBIDDEN,
        UNDECIDED
    }

    private record Span(String jobId, boolean changed, Instant from, Instant to) {
        boolean isAfter(Span other) {
            return from.isAfter(other.to);
        }
    }

    private final List<SentJob> jobs;
    private final SortedMap<String, List<Span>> created = new TreeMap<>();
    private final Map<String, List<Span>> deleted = new TreeMap<>();

    ExpectedDatabases(Evidence evidence) {
        jobs = evidence.jobs();
        for (InstanceStatusEvent event : evidence.events()) {
            JobFacts facts = event.data().facts();
            String database = facts.instance().databaseName();
            Instant finishedAt = facts.finishedAt();
            if (event.data().outcome() == OutcomeKind.SUCCEEDED
                    && facts.operation() != null
                    && facts.operation().changesDatabases()
                    && database != null
                    && finishedAt != null) {
                Span span = new Span(facts.jobId(), event.data().changed(), facts.startedAt(), finishedAt);
                switch (facts.operation()) {
                    case DELETE ->
                        deleted.computeIfAbsent(database, name -> new ArrayList<>())
                                .add(span);
                    default ->
                        created.computeIfAbsent(database, name -> new ArrayList<>())
                                .add(span);
                }
            }
        }
    }

    /** All that were told to be there at some time. */
    Set<String> names() {
        return created.keySet();
    }

    Presence of(String database) {
        List<Span> creations = created.getOrDefault(database, List.of());
        List<Span> deletions = deleted.getOrDefault(database, List.of());
        if (creations.isEmpty()
                || deletions.stream().anyMatch(d -> creations.stream().allMatch(d::isAfter))) {
            return Presence.FORBIDDEN;
        }
        return creations.stream().anyMatch(c -> deletions.stream().allMatch(c::isAfter))
                ? Presence.REQUIRED
                : Presence.UNDECIDED;
    }

    /** The jobs that were told to have made it. */
    Set<String> makers(String database) {
        return created.getOrDefault(database, List.of()).stream()
                .filter(Span::changed)
                .map(Span::jobId)
                .collect(toCollection(TreeSet::new));
    }

    /** A database can be made again only after a Delete. */
    List<String> violations() {
        return names().stream()
                .filter(database -> makers(database).size() > 1 + deletesOf(database))
                .map(database -> database + " was made by each of " + makers(database) + ", and there were only "
                        + deletesOf(database) + " jobs to delete it")
                .toList();
    }

    private int deletesOf(String database) {
        return jobs.stream()
                .filter(job -> job.deletes() && job.isFor(database))
                .mapToInt(SentJob::times)
                .sum();
    }
}
