package io.instanceworker.messaging;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.ReadJob;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.MessageProperties;

/**
 * Refuses destructive jobs of publishers that are not listed. A publisher is known by the property user_id: the broker refuses a
 * message whose user_id is not the user of its connection. What a worker publishes again (a job that waits, was moved or
 * dead-lettered) has the worker's own user_id, and the publisher in a header. The header of any other user's message does not
 * count, because its publisher can have written it.
 */
final class Publishers {

    private final Set<String> listed;
    private final String worker;

    /**
     * @param listed the users whose destructive jobs are accepted; empty to accept those of every user
     * @param worker the user of the worker's own connection
     */
    Publishers(Collection<String> listed, String worker) {
        this.listed = Set.copyOf(listed);
        this.worker = worker;
    }

    /** Refuses the job if it is destructive and its publisher is not listed. */
    ReadJob checked(ReadJob read, MessageProperties properties) {
        return read instanceof ReadJob.Accepted accepted
                        && accepted.job().destructive()
                        && !listed.isEmpty()
                        && !isListed(publisher(properties))
                ? refused(accepted.job(), publisher(properties))
                : read;
    }

    private boolean isListed(@Nullable String publisher) {
        return publisher != null && listed.contains(publisher);
    }

    private ReadJob.Refused refused(Job job, @Nullable String publisher) {
        String from = publisher == null ? "has no user_id" : "is from \"" + publisher + '"';
        return new ReadJob.Refused(
                ErrorCode.INVALID_REQUEST,
                "user_id: this " + job.operation().jsonName()
                        + " is accepted only from a publisher that the worker's setting"
                        + " destructive-jobs-from names, and the message " + from
                        + ". Such a publisher can replay it from"
                        + " the dead queue.",
                job.jobId(),
                job.operation(),
                job.header().server(),
                job instanceof InstanceJob about ? about.instance() : InstanceRef.NONE,
                job.header().requestedBy(),
                job.header().context());
    }

    /** Null if it is not known. */
    private @Nullable String publisher(MessageProperties properties) {
        String user = properties.getReceivedUserId();
        return worker.equals(user) && properties.getHeaders().get(JobHeaders.PUBLISHER) instanceof String publisher
                ? publisher
                : user;
    }

    /**
     * Names the publisher of a message on its copy, which the worker is about to publish. A message of an unknown publisher has
     * no user_id afterwards either: with the worker's it would count as the worker's own.
     */
    void name(MessageProperties copy, MessageProperties received) {
        String publisher = publisher(received);
        copy.getHeaders().remove(JobHeaders.PUBLISHER);
        if (!listed.isEmpty() && publisher != null) {
            copy.setUserId(worker);
            copy.setHeader(JobHeaders.PUBLISHER, publisher);
        }
    }
}
