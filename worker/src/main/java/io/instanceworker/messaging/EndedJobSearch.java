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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the log for what became of a message since its latest beginning, up to a certain message. */
final class EndedJobSearch extends DefaultConsumer {

    private static final int BEGINNINGS_KEPT = 3;

    private static final Logger log = LoggerFactory.getLogger(EndedJobSearch.class);

    static final String BYTES_ID = "iw-bytes-id";
    static final String FIRST = "iw-first";
    static final String KEPT = "iw-kept";

    /**
     * With the id of the run that came to nothing, though not by its worker's death. It says too that the message came for
     * the first time, if that is certain, because no other worker can have had it yet.
     */
    static final String GIVEN_BACK = "iw-given-back";

    /**
     * The message that is looked for.
     *
     * @param received when a worker first had it; null if that is not known, so that it is of the latest beginning
     */
    record Sought(String bytesId, Ticket ticket, @Nullable Instant received) {}

    /** What the log says of one run, or of an end, of a message with the same bytes. */
    private record Entry(
            String id,
            boolean first,
            Instant received,
            int attempt,
            int waits,
            @Nullable Ended ended) {}

    private final CompletableFuture<Past> found = new CompletableFuture<>();
    private final Sought sought;
    private final String until;
    private final EventReader reader = new EventReader();
    private final SortedSet<Instant> beginnings = new TreeSet<>();
    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> givenBack = new HashSet<>();
    private final AtomicBoolean heard = new AtomicBoolean();

    EndedJobSearch(Channel channel, Sought sought, String until) {
        super(channel);
        this.sought = sought;
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
            note(properties.getMessageId(), headers, body, last);
        }
        if (last) {
            found.complete(past());
        } else if (!found.isDone()) {
            getChannel().basicAck(envelope.getDeliveryTag(), false);
        }
    }

    private void note(String id, Map<String, Object> headers, byte[] body, boolean last) {
        Instant received = JobHeaders.instant(headers.get(JobHeaders.FIRST_RECEIVED));
        if (received == null || (sought.received() != null && !received.equals(sought.received()))) {
            return;
        }
        boolean first = headers.containsKey(FIRST);
        if (first) {
            forgetOthersBefore(received);
        }
        if (headers.get(GIVEN_BACK) != null) {
            givenBack.add(String.valueOf(headers.get(GIVEN_BACK)));
        }
        Ended ended = body.length == 0 ? null : ended(body, Boolean.TRUE.equals(headers.get(KEPT)));
        boolean isRun = body.length == 0 && !last;
        if (isRun || ended != null) {
            entries.add(new Entry(
                    id,
                    first,
                    received,
                    number(headers, JobHeaders.ATTEMPT),
                    number(headers, JobHeaders.WAITS),
                    ended));
        }
    }

    /** However often the same bytes were sent; the latest may turn out to be given back. */
    private void forgetOthersBefore(Instant beginning) {
        beginnings.add(beginning);
        if (beginnings.size() > BEGINNINGS_KEPT) {
            beginnings.remove(beginnings.first());
            entries.removeIf(entry -> entry.received().isBefore(beginnings.first()));
        }
    }

    private Past past() {
        List<Entry> ofTheSame = ofTheSame();
        Optional<Ended> ended = ofTheSame.stream()
                .filter(entry -> entry.attempt() >= sought.ticket().firstAttempt())
                .flatMap(entry -> Stream.ofNullable(entry.ended()))
                .findFirst();
        List<Entry> runs =
                ofTheSame.stream().filter(entry -> entry.ended() == null).toList();
        long alike = runs.stream()
                .filter(run -> compare(run) == 0 && !givenBack.contains(run.id()))
                .map(Entry::id)
                .distinct()
                .count();
        boolean overtaken = runs.stream().anyMatch(run -> compare(run) > 0);
        Instant firstReceivedAt =
                ofTheSame.stream().map(Entry::received).findFirst().orElse(null);
        return new Past(ended, (int) alike, overtaken, firstReceivedAt);
    }

    /**
     * The same bytes may be there once more, as a job that was sent again. On its first way a message does not say which it
     * is, and then it is of the latest beginning. A worker that was held up may have written that down late.
     */
    private List<Entry> ofTheSame() {
        if (sought.received() != null) {
            return entries;
        }
        Instant latest = entries.stream()
                .filter(entry -> entry.first() && !givenBack.contains(entry.id()))
                .map(Entry::received)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
        return entries.stream()
                .filter(entry -> !entry.received().isBefore(latest))
                .toList();
    }

    /** Each run that comes to something leaves a greater number of attempts or waits on what follows from the message. */
    private int compare(Entry run) {
        int attempts = Integer.compare(run.attempt(), sought.ticket().attempt());
        return attempts == 0 ? Integer.compare(run.waits(), sought.ticket().waits()) : attempts;
    }

    private static int number(Map<String, Object> headers, String name) {
        return headers.get(name) instanceof Number number ? number.intValue() : -1;
    }

    private @Nullable Ended ended(byte[] event, boolean kept) {
        try {
            return new Ended(reader.read(event).data(), kept);
        } catch (IllegalArgumentException e) {
            log.warn("How the job ended was written by another version, so the job is run again: {}", e.getMessage());
            return null;
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
