package io.instanceworker.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.job.Ticket;
import io.instanceworker.messaging.EndedJobs.Ended;
import io.instanceworker.messaging.EndedJobs.Past;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the log for what became of a message since its latest beginning, up to a certain message. */
final class EndedJobSearch extends DefaultConsumer {

    private static final Logger log = LoggerFactory.getLogger(EndedJobSearch.class);

    static final String BYTES_ID = "iw-bytes-id";
    static final String FIRST = "iw-first";
    static final String KEPT = "iw-kept";

    /** With the id of the run that came to nothing, though not by its worker's death. */
    static final String GIVEN_BACK = "iw-given-back";

    /**
     * The message that is looked for.
     *
     * @param received when a worker first had it; null if that is not known, so that it is of the latest beginning
     */
    record Sought(String bytesId, Ticket ticket, @Nullable Instant received) {}

    private final CompletableFuture<Past> found = new CompletableFuture<>();
    private final Sought sought;
    private final Ticket ticket;
    private final String until;
    private final EventReader reader = new EventReader();
    private Optional<Ended> ended = Optional.empty();
    private final Set<String> runs = new HashSet<>();
    private boolean overtaken;
    private @Nullable Instant firstReceivedAt;
    private final AtomicBoolean heard = new AtomicBoolean();

    EndedJobSearch(Channel channel, Sought sought, String until) {
        super(channel);
        this.sought = sought;
        this.ticket = sought.ticket();
        this.until = until;
    }

    /**
     * @param silence after which it is given up
     * @throws TimeoutException if nothing comes for so long
     */
    Past await(Duration silence) throws InterruptedException, ExecutionException, TimeoutException {
        while (true) {
            try {
                return found.get(silence.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!heard.getAndSet(false)) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
            throws IOException {
        heard.set(true);
        boolean last = until.equals(properties.getMessageId());
        Map<String, Object> headers = properties.getHeaders();
        if (headers != null && sought.bytesId().equals(String.valueOf(headers.get(BYTES_ID)))) {
            if (body.length > 0) {
                end(headers, body);
            } else if (headers.get(GIVEN_BACK) != null) {
                runs.remove(String.valueOf(headers.get(GIVEN_BACK)));
            } else if (!last) {
                run(headers, properties.getMessageId());
            }
        }
        if (last) {
            found.complete(new Past(ended, runs.size(), overtaken, firstReceivedAt));
        } else if (!found.isDone()) {
            getChannel().basicAck(envelope.getDeliveryTag(), false);
        }
    }

    /** Each run that comes to something leaves a greater number of attempts or waits on what follows from the message. */
    private void run(Map<String, Object> headers, String id) {
        if (headers.containsKey(FIRST) && sought.received() == null) {
            ended = Optional.empty();
            runs.clear();
            overtaken = false;
            firstReceivedAt = JobHeaders.instant(headers.get(JobHeaders.FIRST_RECEIVED));
        }
        int attempt = number(headers, JobHeaders.ATTEMPT);
        int waits = number(headers, JobHeaders.WAITS);
        if (attempt == ticket.attempt() && waits == ticket.waits()) {
            countRun(headers, id);
        } else if (attempt > ticket.attempt() || (attempt == ticket.attempt() && waits > ticket.waits())) {
            overtaken |= isOfTheSame(headers);
        }
    }

    /** Of a message that says nothing of itself each run may be one; its worker did not know either. */
    private void countRun(Map<String, Object> headers, String id) {
        if (sought.received() == null || isOfTheSame(headers)) {
            runs.add(id);
        }
    }

    /** The same bytes may be there once more, as a job that was sent again. */
    private boolean isOfTheSame(Map<String, Object> headers) {
        Instant received = JobHeaders.instant(headers.get(JobHeaders.FIRST_RECEIVED));
        if (received == null) {
            return false;
        }
        return sought.received() == null
                ? firstReceivedAt == null || !received.isBefore(firstReceivedAt)
                : received.equals(sought.received());
    }

    private void end(Map<String, Object> headers, byte[] body) {
        if (ended.isEmpty() && isOfTheSame(headers) && number(headers, JobHeaders.ATTEMPT) >= ticket.firstAttempt()) {
            ended = ended(body, Boolean.TRUE.equals(headers.get(KEPT)));
        }
    }

    private static int number(Map<String, Object> headers, String name) {
        return headers.get(name) instanceof Number number ? number.intValue() : -1;
    }

    private Optional<Ended> ended(byte[] event, boolean kept) {
        try {
            return Optional.of(new Ended(reader.read(event).data(), kept));
        } catch (IllegalArgumentException e) {
            log.warn("How the job ended was written by another version, so the job is run again: {}", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void handleCancel(String tag) {
        found.completeExceptionally(new IOException("the stream has gone"));
    }

    @Override
    public void handleShutdownSignal(String tag, ShutdownSignalException reason) {
        found.completeExceptionally(reason);
    }
}
