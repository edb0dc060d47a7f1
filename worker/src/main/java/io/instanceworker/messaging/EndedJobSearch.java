package io.instanceworker.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.messaging.EndedJobs.Ended;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the log for the first end of a job since its latest beginning, up to a certain message. */
final class EndedJobSearch extends DefaultConsumer {

    private static final Logger log = LoggerFactory.getLogger(EndedJobSearch.class);

    static final String BEGUN = "iw-begun";
    static final String KEPT = "iw-kept";

    private final CompletableFuture<Optional<Ended>> found = new CompletableFuture<>();
    private final String jobId;
    private final int firstAttempt;
    private final String until;
    private final EventReader reader = new EventReader();
    private Optional<Ended> ended = Optional.empty();

    EndedJobSearch(Channel channel, String jobId, int firstAttempt, String until) {
        super(channel);
        this.jobId = jobId;
        this.firstAttempt = firstAttempt;
        this.until = until;
    }

    CompletableFuture<Optional<Ended>> found() {
        return found;
    }

    @Override
    public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
            throws IOException {
        Map<String, Object> headers = properties.getHeaders();
        if (headers != null && jobId.equals(String.valueOf(headers.get(JobHeaders.JOB_ID)))) {
            if (headers.containsKey(BEGUN)) {
                ended = Optional.empty();
            } else if (ended.isEmpty()
                    && headers.get(JobHeaders.ATTEMPT) instanceof Number attempt
                    && attempt.intValue() >= firstAttempt) {
                ended = ended(body, Boolean.TRUE.equals(headers.get(KEPT)));
            }
        }
        if (until.equals(properties.getMessageId())) {
            found.complete(ended);
        } else if (!found.isDone()) {
            getChannel().basicAck(envelope.getDeliveryTag(), false);
        }
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
