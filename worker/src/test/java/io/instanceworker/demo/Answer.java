package io.instanceworker.demo;

import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.StatusName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The events of one job, and what is wrong with them. */
final class Answer {

    private final List<JobResult> results = new ArrayList<>();
    private final List<String> mistakes = new ArrayList<>();

    void add(Received received) {
        results.add(received.result());
        mistakes.addAll(received.mistakes());
    }

    int events() {
        return results.size();
    }

    /** The last result; null where none came. */
    @Nullable JobResult last() {
        return results.isEmpty() ? null : results.get(results.size() - 1);
    }

    boolean isComplete() {
        JobResult last = last();
        return last != null && last.outcome().terminal();
    }

    List<String> mistakes() {
        return mistakes;
    }

    void mistake(String what) {
        mistakes.add(what);
    }

    void expect(String what, @Nullable Object expected, @Nullable Object actual) {
        if (!Objects.equals(expected, actual)) {
            mistakes.add(what + " is " + actual + " and should be " + expected);
        }
    }

    /** @param expected outcome and status of every event without progress in their order, as in "Succeeded Created" */
    void expectEvents(String... expected) {
        List<String> actual = results.stream()
                .filter(result -> result.progress() == null)
                .map(Answer::outcomeAndStatus)
                .toList();
        if (!actual.equals(List.of(expected))) {
            mistakes.add("the events are " + actual + " and should be " + List.of(expected));
        }
        for (int i = 1; i < results.size(); i++) {
            long before = results.get(i - 1).facts().sequence();
            long after = results.get(i).facts().sequence();
            if (after <= before) {
                mistakes.add("the sequence goes from " + before + " to " + after);
            }
        }
    }

    private static String outcomeAndStatus(JobResult result) {
        StatusName status = result.outcome().status(result.facts().operation());
        return result.outcome().jsonName() + (status == null ? "" : " " + status.jsonName());
    }
}
