package io.instanceworker.endtoend;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.testing.QueuedMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whether every job has ended once, in one way and in the right place, and its events fit together. */
final class PublishedEnds {

    private final Evidence evidence;
    private final List<String> violations = new ArrayList<>();

    private PublishedEnds(Evidence evidence) {
        this.evidence = evidence;
    }

    static List<String> violations(Evidence evidence) {
        PublishedEnds ends = new PublishedEnds(evidence);
        evidence.jobs().forEach(ends::check);
        evidence.noJobs().forEach(ends::checkNoJob);
        ends.checkStrangers();
        evidence.depths().forEach((queue, messages) -> {
            if (messages != 0) {
                ends.violation(queue + " still holds " + messages + " messages");
            }
        });
        return ends.violations;
    }

    private void violation(String sentence) {
        violations.add(sentence);
    }

    private void check(SentJob job) {
        List<InstanceStatusEvent> events = evidence.of(job.jobId());
        List<InstanceStatusEvent> ends = events.stream()
                .filter(event -> event.data().outcome().terminal())
                .toList();
        Set<String> endIds = ends.stream().map(InstanceStatusEvent::id).collect(toCollection(TreeSet::new));
        if (ends.isEmpty()) {
            violation(job.jobId() + " has no terminal event, only " + told(events));
        } else if (hasRow(job) && endIds.size() > job.times()) {
            violation(job.jobId() + ", published " + job.times() + " times, has ended as " + endIds);
        }
        checkPlace(job, ends);
        events.forEach(this::checkSequence);
        if (job.times() == 1 && hasRow(job)) {
            checkRepeats(events);
            checkAttempts(job, events, ends);
        }
    }

    /** A query has no row in the journal, so two workers may both answer it if its message is redelivered. */
    private static boolean hasRow(SentJob job) {
        return job.operation() == null || job.operation().changesDatabases();
    }

    private static String told(List<InstanceStatusEvent> events) {
        return events.stream().map(InstanceStatusEvent::id).toList().toString();
    }

    /** In the dead queue is what a person has to look at, with the reason that was told, and nothing else. */
    private void checkPlace(SentJob job, List<InstanceStatusEvent> ends) {
        List<QueuedMessage> dead = evidence.dead().stream()
                .filter(message -> job.jobId().equals(header(message, "iw-job-id")))
                .toList();
        List<JobError> keptErrors = ends.stream()
                .map(end -> end.data().error())
                .filter(Objects::nonNull)
                .filter(error -> error.retryable() || error.code().rejection())
                .toList();
        if (!keptErrors.isEmpty() && dead.isEmpty()) {
            violation(job.jobId() + " ended as " + keptErrors.get(0).code() + " and is not in the dead queue");
        }
        for (QueuedMessage message : dead) {
            String code = header(message, "iw-error-code");
            if (keptErrors.stream().noneMatch(error -> error.code().name().equals(code))) {
                violation(job.jobId() + " is in the dead queue as " + code + ", and was told as " + told(ends));
            }
        }
    }

    private static String header(QueuedMessage message, String name) {
        return message.properties().path("headers").path(name).asString("");
    }

    private void checkSequence(InstanceStatusEvent event) {
        JobFacts facts = event.data().facts();
        Integer progress = event.data().progress();
        int place = switch (event.data().outcome()) {
            case IN_PROGRESS -> progress == null ? 0 : 1 + progress;
            case FAILED -> 200;
            case ERROR -> 201;
            case SUCCEEDED, REJECTED -> 202;
        };
        if (facts.sequence() != facts.attempt() * 1000L + place) {
            violation(event.id() + " has the sequence " + facts.sequence());
        }
    }

    private void checkRepeats(List<InstanceStatusEvent> events) {
        Map<String, String> seen = new HashMap<>();
        for (InstanceStatusEvent event : events) {
            JobError error = event.data().error();
            String said = event.data().outcome()
                    + (event.data().changed() ? ", changed" : "")
                    + (error != null && event.data().outcome().terminal() ? ", " + error.code() : "");
            String before = seen.putIfAbsent(event.id(), said);
            if (before != null && !before.equals(said)) {
                violation(event.id() + " was told as " + before + " and as " + said);
            }
        }
    }

    private void checkAttempts(SentJob job, List<InstanceStatusEvent> events, List<InstanceStatusEvent> ends) {
        SortedSet<Integer> ended = attempts(ends.stream());
        if (ended.isEmpty()) {
            return;
        }
        int last = ended.last();
        SortedSet<Integer> failed =
                attempts(events.stream().filter(event -> event.data().outcome() == OutcomeKind.FAILED));
        SortedSet<Integer> written = attempts(
                events.stream().filter(event -> event.data().outcome() == OutcomeKind.FAILED && wasReached(event)));
        SortedSet<Integer> all = attempts(events.stream());
        if (last != all.last()) {
            violation(job.jobId() + " ended at attempt " + last + " and was told of " + all.last());
        } else if (!written.isEmpty() && written.last() == last) {
            violation(job.jobId() + " has failed at the attempts " + failed + " and ended at attempt " + last);
        }
        // A worker that is killed when it has written the next attempt does not publish that the last one failed.
        if (last > failed.size() + 2) {
            violation(job.jobId() + " ended at attempt " + last + " after " + failed.size() + " failures");
        }
    }

    /** Else the failure was written nowhere but on the message, and a redelivery does not know of it. */
    private static boolean wasReached(InstanceStatusEvent failure) {
        ErrorCode code = Objects.requireNonNull(failure.data().error()).code();
        return code != ErrorCode.SERVER_UNAVAILABLE && code != ErrorCode.TOO_MANY_CONNECTIONS;
    }

    private static SortedSet<Integer> attempts(Stream<InstanceStatusEvent> events) {
        return events.map(event -> event.data().facts().attempt()).collect(toCollection(TreeSet::new));
    }

    /** What is no job can only be kept, with the reason. */
    private void checkNoJob(String body) {
        List<QueuedMessage> dead = evidence.dead().stream()
                .filter(message -> message.text().equals(body))
                .toList();
        if (dead.isEmpty()) {
            violation("\"" + body + "\" is no job and is not in the dead queue");
        }
        dead.stream()
                .filter(message -> header(message, "iw-error-code").isEmpty())
                .forEach(message -> violation("\"" + body + "\" is in the dead queue without a reason"));
    }

    private void checkStrangers() {
        Set<String> jobIds = evidence.jobs().stream().map(SentJob::jobId).collect(toSet());
        evidence.events().stream()
                .filter(event -> !jobIds.contains(event.data().facts().jobId()))
                .forEach(event -> violation(event.id() + " is told of a job that nobody sent"));
        evidence.dead().stream()
                .filter(message -> !jobIds.contains(header(message, "iw-job-id"))
                        && !evidence.noJobs().contains(message.text()))
                .forEach(message -> violation(
                        "the dead queue holds what nobody sent, or what nobody gave a reason: " + message.text()));
    }
}
