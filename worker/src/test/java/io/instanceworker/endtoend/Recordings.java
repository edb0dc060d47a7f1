package io.instanceworker.endtoend;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.recorder.Decision;
import io.instanceworker.contracts.recorder.Recorded;
import io.instanceworker.contracts.recorder.Recorder;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobFacts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether a recorder that follows the contract's rules ends at what is true, in whatever order the events come. */
final class Recordings {

    private static final int ORDERS = 20;

    private record Entry(Recorded recorded, InstanceStatusEvent last) {

        String status() {
            return String.valueOf(
                    last.data().outcome().status(last.data().facts().operation()));
        }
    }

    private final Collection<OwnershipMark> present;
    private final List<String> violations = new ArrayList<>();

    private Recordings(Collection<OwnershipMark> present) {
        this.present = present;
    }

    /** @param present the marks of all databases that are there */
    static List<String> violations(Evidence evidence, Collection<OwnershipMark> present) {
        Recordings recordings = new Recordings(present);
        Map<String, Entry> asArrived = recordings.record("the order of arrival", evidence.events());
        Set<String> needArrival = needArrival(evidence);
        asArrived.keySet().removeAll(needArrival);
        List<InstanceStatusEvent> shuffled = evidence.events().stream()
                .filter(event -> !needArrival.contains(String.valueOf(event.subject())))
                .collect(toCollection(ArrayList::new));
        for (int seed = 1; seed <= ORDERS && recordings.violations.isEmpty(); seed++) {
            Collections.shuffle(shuffled, new Random(seed));
            recordings.compare(asArrived, recordings.record("an order shuffled with the seed " + seed, shuffled));
        }
        return recordings.violations;
    }

    /**
     * The instances of jobs that were published more than once and ended in more than one way: each message counts its
     * attempts from 1, so that nothing in the events but their arrival tells which end is the later.
     */
    private static Set<String> needArrival(Evidence evidence) {
        return evidence.jobs().stream()
                .filter(job -> job.times() > 1)
                .map(job -> evidence.of(job.jobId()).stream()
                        .filter(event -> event.data().outcome().terminal())
                        .toList())
                .filter(ends ->
                        ends.stream().map(InstanceStatusEvent::id).distinct().count() > 1)
                .flatMap(ends -> ends.stream().map(end -> String.valueOf(end.subject())))
                .collect(toSet());
    }

    private Map<String, Entry> record(String order, List<InstanceStatusEvent> events) {
        Map<String, Entry> byInstance = new TreeMap<>();
        for (InstanceStatusEvent event : events) {
            if (event.subject() != null) {
                byInstance.compute(event.subject(), (instance, before) -> after(order, before, event));
            }
        }
        byInstance.forEach((instance, entry) -> {
            if (!isTrue(entry.last())) {
                violations.add(
                        "in " + order + ", a recorder ends at " + entry.last().id() + " for the instance " + instance
                                + ", whose database is " + (isPresent(entry.last()) ? "there" : "not there"));
            }
        });
        return byInstance;
    }

    private @Nullable Entry after(String order, @Nullable Entry before, InstanceStatusEvent event) {
        Recorded recorded = before == null ? null : before.recorded();
        Decision decision = Recorder.decide(recorded, event);
        if (decision == Decision.CONTRADICTION) {
            violations.add("in " + order + ", " + event.id() + " contradicts " + recorded);
        }
        return decision.isRemembered() ? new Entry(Recorded.after(recorded, event), event) : before;
    }

    private void compare(Map<String, Entry> one, Map<String, Entry> other) {
        one.forEach((instance, entry) -> {
            Entry otherwise = other.get(instance);
            if (otherwise == null || !otherwise.status().equals(entry.status())) {
                violations.add("a recorder ends at " + entry + " for the instance " + instance
                        + " or, in another order, at " + otherwise);
            }
        });
    }

    /** A final failure says nothing of the database: another job may have made it, or it may not have been dropped. */
    private boolean isTrue(InstanceStatusEvent last) {
        return switch (last.data().outcome()) {
            case SUCCEEDED -> isPresent(last) == (last.data().facts().operation() != Operation.DELETE);
            case ERROR, REJECTED -> true;
            case IN_PROGRESS, FAILED -> false;
        };
    }

    private boolean isPresent(InstanceStatusEvent event) {
        JobFacts facts = event.data().facts();
        String id = facts.instance().id();
        return id != null
                && present.stream()
                        .anyMatch(mark -> mark.isOf(id, facts.instance().tenant()));
    }
}
