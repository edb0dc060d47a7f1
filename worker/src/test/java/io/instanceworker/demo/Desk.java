package io.instanceworker.demo;

import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.testing.ManagementApi.AckMode;
import io.instanceworker.testing.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Where an operator sends jobs and sees their results arrive; counts the right answers and the wrong ones. */
final class Desk {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int MORE_THAN_ALL = 1_000;

    /** What an answer must be, looked at once it is complete. */
    interface Check {
        /** @return what a person may like to know of it */
        String check(Answer answer, JobResult last) throws SQLException;
    }

    private final Broker broker;
    private final Events events;
    private final Timeline timeline;
    private final List<String> eventIds = new ArrayList<>();
    private int right;
    private int wrong;

    Desk(Broker broker, Events events, Timeline timeline) {
        this.broker = broker;
        this.events = events;
        this.timeline = timeline;
    }

    /** Sends a job, shows what comes back until the job has ended, and then whether it is what it should be. */
    void send(String payload, Check check) throws InterruptedException {
        Job job = read(payload);
        String routingKey = "job." + job.operation().lowerCaseName();
        timeline.sent(job, routingKey);
        broker.publish(routingKey, payload);

        Answer answer = new Answer();
        String remark = "";
        try {
            hear(answer, job);
            JobResult last = answer.last();
            if (answer.isComplete() && last != null) {
                remark = check.check(answer, last);
            }
        } catch (IllegalArgumentException | SQLException e) {
            answer.mistake(String.valueOf(e.getMessage()));
        }
        judge(answer.mistakes(), remark);
    }

    private void hear(Answer answer, Job job) throws InterruptedException {
        while (!answer.isComplete()) {
            Received received = events.next(PATIENCE);
            if (received == null) {
                answer.mistake("no further event came within " + PATIENCE.toSeconds() + " seconds");
                return;
            }
            timeline.arrived(received);
            eventIds.add(received.event().id());
            answer.add(received);
            answer.expect("the event's jobId", job.header().jobId(), received.jobId());
            answer.expect(
                    "the event's context",
                    job.header().context(),
                    received.result().facts().context());
        }
    }

    private static Job read(String payload) {
        ReadJob read = new JobReader().read(payload.getBytes(StandardCharsets.UTF_8));
        if (read instanceof ReadJob.Accepted accepted) {
            return accepted.job();
        }
        throw new IllegalArgumentException("The demo itself sent no job: " + read);
    }

    private void judge(List<String> mistakes, String remark) {
        if (mistakes.isEmpty()) {
            right++;
            timeline.right(remark);
        } else {
            wrong++;
            mistakes.forEach(timeline::wrong);
        }
        timeline.gap();
    }

    /** Every event must be in the queue for recorders too, once and in order, and no job in the dead queue. */
    void checkQueues() throws InterruptedException {
        List<String> mistakes = new ArrayList<>();
        Received unexpected = events.next(Duration.ofMillis(200));
        if (unexpected != null) {
            timeline.arrived(unexpected);
            mistakes.add("this event came after its job had ended");
        }
        List<String> queued = takeAsManyAsHeard();
        if (!queued.equals(eventIds)) {
            mistakes.add(Broker.STATUS + " holds " + queued + " and should hold " + eventIds);
        }
        int dead = take(Broker.DEAD).size();
        if (dead > 0) {
            mistakes.add(Broker.DEAD + " holds " + dead + " messages and should be empty");
        }
        judge(
                mistakes,
                "all " + eventIds.size() + " events are in " + Broker.STATUS + " too, in this order; " + Broker.DEAD
                        + " is empty");
    }

    /** The same event may reach one queue a little later than another. */
    private List<String> takeAsManyAsHeard() {
        List<String> ids = new ArrayList<>();
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> {
                take(Broker.STATUS)
                        .forEach(message ->
                                ids.add(message.properties().path("message_id").asString("")));
                return ids.size() >= eventIds.size();
            });
        } catch (ConditionTimeoutException tooFew) {
            // The caller compares.
        }
        return ids;
    }

    private List<QueuedMessage> take(String queue) {
        return broker.management().get(broker.virtualHost(), queue, MORE_THAN_ALL, AckMode.ACK_REQUEUE_FALSE);
    }

    int right() {
        return right;
    }

    int wrong() {
        return wrong;
    }
}
