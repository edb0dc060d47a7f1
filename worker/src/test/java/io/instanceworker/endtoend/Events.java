package io.instanceworker.endtoend;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import tools.jackson.databind.json.JsonMapper;

/** Takes everything from the queue instance.status as a recorder would, and looks closely at each event. */
final class Events implements AutoCloseable {

    static final String QUEUE = "instance.status";

    private final List<Event> seen = new CopyOnWriteArrayList<>();
    private final List<Throwable> mistakes = new CopyOnWriteArrayList<>();
    private final Collection<String> secrets;
    private final Connection connection;

    Events(VirtualHost host, Collection<String> secrets) {
        this.secrets = secrets;
        try {
            connection = host.connect();
            Channel channel = connection.createChannel();
            // Acknowledged one by one: what is on its way to a recorder when the broker goes down is not lost to it.
            channel.basicConsume(QUEUE, false, (tag, delivery) -> take(channel, delivery), tag -> {});
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private void take(Channel channel, Delivery delivery) throws IOException {
        try {
            String body = new String(delivery.getBody(), StandardCharsets.UTF_8);
            Event event = new Event(
                    delivery.getEnvelope().getRoutingKey(),
                    delivery.getProperties(),
                    body,
                    JsonMapper.shared().readTree(body));
            seen.add(event);
            EventChecks.check(event, delivery.getBody());
            Secrets.requireNone(secrets, "an event", body + delivery.getProperties());
        } catch (RuntimeException | AssertionError e) {
            mistakes.add(e);
        }
        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
    }

    List<Event> all() {
        return List.copyOf(seen);
    }

    List<Event> of(String jobId) {
        return seen.stream().filter(event -> event.jobId().equals(jobId)).toList();
    }

    List<String> outcomes(String jobId) {
        return of(jobId).stream().map(Event::outcome).toList();
    }

    /** The event that ends the job, whether well or not. */
    Event awaitEnd(String jobId) {
        return await("the end of " + jobId, jobId, Event::isFinal);
    }

    Event awaitSuccess(String jobId) {
        Event end = awaitEnd(jobId);
        if (!end.outcome().equals("Succeeded")) {
            throw new AssertionError(jobId + " did not succeed: " + end.json());
        }
        return end;
    }

    Event awaitError(String jobId, String code) {
        return expectCode(awaitEnd(jobId), "Error", code);
    }

    /** The job's first failure that another attempt follows. */
    Event awaitFailure(String jobId, String code) {
        return expectCode(await("a failure of " + jobId, jobId, e -> !inProgress(e)), "Failed", code);
    }

    /** The success of a job that was sent again after it had ended otherwise. */
    Event awaitSuccessAfter(Event end) {
        return await(
                "the success of " + end.jobId(), end.jobId(), e -> e.outcome().equals("Succeeded"));
    }

    Event awaitProgress(String jobId) {
        return await("the beginning of " + jobId, jobId, Events::inProgress);
    }

    private static boolean inProgress(Event event) {
        return event.outcome().equals("InProgress");
    }

    private static Event expectCode(Event event, String outcome, String code) {
        if (!event.outcome().equals(outcome) || !code.equals(event.errorCode())) {
            throw new AssertionError("Not " + outcome + " with " + code + ": " + event.json());
        }
        return event;
    }

    Event await(String what, String jobId, Predicate<Event> wanted) {
        try {
            Await.factory(what)
                    .failFast("an event was wrong", () -> !mistakes.isEmpty())
                    .until(() -> of(jobId).stream().anyMatch(wanted));
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            requireNoMistakes();
            throw new AssertionError(
                    "Waited in vain for " + what + "; of that job there are " + outcomes(jobId) + ", of all "
                            + seen.size() + " events",
                    e);
        }
        requireNoMistakes();
        return of(jobId).stream().filter(wanted).findFirst().orElseThrow();
    }

    void requireNoMistakes() {
        if (!mistakes.isEmpty()) {
            AssertionError error = new AssertionError("Events were wrong: " + mistakes);
            mistakes.forEach(error::addSuppressed);
            throw error;
        }
    }

    @Override
    public void close() {
        connection.abort();
        requireNoMistakes();
    }
}
