package io.instanceworker.endtoend;

import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.testing.ManagementApi.AckMode;
import io.instanceworker.testing.QueuedMessage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Gathers what a run left, has it judged, and prints it. */
final class ChaosAccount {

    private static final int ALL = 10_000;

    private final long seed;
    private final ChaosServers servers;
    private final List<ChaosWorker> workers;
    private final ChaosSent sent;
    private final ChaosTimeline timeline;

    ChaosAccount(long seed, ChaosServers servers, List<ChaosWorker> workers, ChaosSent sent, ChaosTimeline timeline) {
        this.seed = seed;
        this.servers = servers;
        this.workers = workers;
        this.sent = sent;
        this.timeline = timeline;
    }

    List<String> violations(List<Event> events, Map<String, Long> depths) throws IOException {
        List<QueuedMessage> dead =
                servers.broker().management().get(servers.host().name(), EndToEnd.DEAD, ALL, AckMode.ACK_REQUEUE_FALSE);
        Evidence evidence = new Evidence(sent.jobs(), sent.noJobs(), Evidence.read(events), dead, depths);
        List<String> violations = servers.invariants().violations(evidence, false);
        summarize(evidence);
        System.out.println("kept in   " + new ChaosEvidenceFolder(seed, workers).write(violations, evidence, events));
        violations.forEach(violation -> System.out.println("VIOLATED  " + violation));
        return violations;
    }

    private void summarize(Evidence evidence) {
        Map<String, Map<String, Integer>> ends = new TreeMap<>();
        Set<String> ids = new HashSet<>();
        int repeats = 0;
        for (InstanceStatusEvent event : evidence.events()) {
            if (!ids.add(event.id())) {
                repeats++;
            } else if (event.data().outcome().terminal()) {
                String code = event.data().error() == null
                        ? ""
                        : " " + event.data().error().code();
                ends.computeIfAbsent(String.valueOf(event.data().facts().operation()), operation -> new TreeMap<>())
                        .merge(event.data().outcome() + code, 1, Integer::sum);
            }
        }
        System.out.printf(
                "jobs      %d, published %d times; %d messages that are no job; %d in the dead queue%n",
                evidence.jobs().size(),
                sent.messages(),
                evidence.noJobs().size(),
                evidence.dead().size());
        ends.forEach((operation, outcomes) -> System.out.printf("  %-7s %s%n", operation, outcomes));
        System.out.printf(
                "events    %d, of which %d repeats; %d jobs came again after their end%n",
                evidence.events().size(), repeats, linesWith("its result is published again"));
        System.out.println("faults    " + timeline.counts() + ", answers and requests really lost "
                + workers.stream()
                        .mapToInt(worker ->
                                worker.toBroker().lost() + worker.toPostgres().lost())
                        .sum());
        System.out.println(
                "time      " + Duration.between(timeline.start(), Instant.now()).toSeconds() + " s");
    }

    private long linesWith(String text) {
        return workers.stream()
                .flatMap(worker -> worker.logs().values().stream())
                .flatMap(String::lines)
                .filter(line -> line.contains(text))
                .count();
    }
}
