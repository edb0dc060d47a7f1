package io.instanceworker.messaging;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.job.AbandonedException;
import io.instanceworker.job.JobPoints;
import io.instanceworker.job.Ticket;
import io.instanceworker.job.Verdict;
import io.instanceworker.retry.Delay;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;

/**
 * Gives everything that follows from a job a place of its own at the broker: the result, the next attempt, the dead letter.
 * When a method returns, the broker has it all, and the message may be acknowledged.
 */
final class Consequences {

    private static final Logger log = LoggerFactory.getLogger(Consequences.class);

    private final ResultPublisher results;
    private final ConfirmedPublisher publisher;
    private final @Nullable EndedJobs endedJobs;
    private final JobPoints points;
    private final String worker;
    private final Clock clock;

    /** @param endedJobs null where ends are not remembered */
    Consequences(
            ResultPublisher results,
            ConfirmedPublisher publisher,
            @Nullable EndedJobs endedJobs,
            JobPoints points,
            String worker,
            Clock clock) {
        this.results = results;
        this.publisher = publisher;
        this.endedJobs = endedJobs;
        this.points = points;
        this.worker = worker;
        this.clock = clock;
    }

    /** @throws AbandonedException if the message may be another worker's by now */
    void begin(JobResult.InProgress begun, Message message) {
        if (!results.publishBeginning(begun, message.getMessageProperties())) {
            throw new AbandonedException("The broker did not take at once that the job is in progress");
        }
        points.at("begun", begun.facts().jobId());
    }

    /**
     * Writes down that the job is run, and answers what became of it before.
     *
     * @param run an id for it
     * @throws AbandonedException if the message may be another worker's by now
     */
    EndedJobs.Past past(String run, Ticket ticket, Message message) {
        MessageProperties properties = message.getMessageProperties();
        if (endedJobs == null) {
            return EndedJobs.Past.unknown(JobHeaders.deliveryCount(properties));
        }
        if (JobHeaders.mayHaveBeenRun(properties)) {
            EndedJobs.Past past = endedJobs.beginAgain(
                    run,
                    bytesId(message),
                    ticket,
                    JobHeaders.since(properties, ticket),
                    JobHeaders.writtenFirstReceived(properties));
            return JobHeaders.isRedelivered(properties) ? past : past.asDeliveredFirst();
        }
        endedJobs.begin(run, bytesId(message), ticket);
        return EndedJobs.Past.unknown(0);
    }

    /** @param ours whether the channel that the message came by is open still, so that no other worker can have it */
    void giveBack(String run, Ticket ticket, Message message, boolean ours) {
        MessageProperties properties = message.getMessageProperties();
        if (endedJobs != null) {
            Instant written = JobHeaders.writtenFirstReceived(properties);
            endedJobs.giveBack(
                    run,
                    bytesId(message),
                    Objects.requireNonNullElse(written, ticket.firstReceivedAt()),
                    ours && !JobHeaders.mayHaveBeenRun(properties));
        }
    }

    private static String bytesId(Message message) {
        return JobReader.idOfBytes(message.getBody());
    }

    void tellAgain(EndedJobs.Ended ended, Ticket ticket, Message message) {
        log.info("The job has ended before; its result is told again");
        tellAndKeep(ended.result(), ended.kept() ? ticket : null, message);
    }

    /** @param ticket with which the job was run */
    void carryOut(Verdict verdict, String jobId, Ticket ticket, Message message) {
        points.at("decided", jobId);
        if (verdict instanceof Verdict.Ended ended) {
            end(new EndedJobs.Ended(ended.result(), false), ticket, message);
        } else if (verdict instanceof Verdict.EndedAndKept kept) {
            end(new EndedJobs.Ended(kept.result(), true), kept.ticket(), message);
        } else if (verdict instanceof Verdict.TryAgain again) {
            tell(again.result(), message);
            delay(message, again.ticket(), again.delay(), jobId);
        } else if (verdict instanceof Verdict.Wait wait) {
            log.info("The job waits {}: {}", wait.delay().length(), wait.reason());
            delay(message, wait.ticket(), wait.delay(), jobId);
        }
    }

    private void end(EndedJobs.Ended ended, Ticket ticket, Message message) {
        EndedJobs.Ended told = ended;
        if (endedJobs != null) {
            MessageProperties properties = message.getMessageProperties();
            told = endedJobs.end(
                    bytesId(message),
                    ended,
                    ticket,
                    JobHeaders.since(properties, ticket),
                    JobHeaders.writtenFirstReceived(properties));
            points.at("remembered", told.result().facts().jobId());
        }
        tellAndKeep(told.result(), told.kept() ? ticket : null, message);
    }

    private void tellAndKeep(JobResult result, @Nullable Ticket kept, Message message) {
        tell(result, message);
        if (kept != null) {
            keep(message, kept, errorOf(result), result.facts().jobId());
        }
    }

    /** @param rejected null where it cannot be told whose it is */
    void refuse(ReadJob.Refused refused, @Nullable JobResult rejected, Message message) {
        log.warn("A message is no job and is kept in {}: {} {}", Topology.DEAD, refused.code(), refused.message());
        if (rejected != null) {
            publish(rejected, message);
        }
        keep(message, null, new JobError(refused.code(), refused.message(), null, null), refused.jobId());
    }

    private void tell(JobResult result, Message message) {
        if (result instanceof JobResult.Succeeded succeeded) {
            log.info("The job is done; the database was {}", succeeded.changed() ? "changed" : "left as it is");
        } else {
            JobError error = errorOf(result);
            log.warn("The job's attempt ended as {}: {} {}", result.outcome(), error.code(), error.message());
        }
        publish(result, message);
    }

    private void publish(JobResult result, Message message) {
        results.publish(result, message.getMessageProperties());
        points.at("told", result.facts().jobId());
    }

    private static JobError errorOf(JobResult result) {
        if (result instanceof JobResult.Failed failed) {
            return failed.error();
        } else if (result instanceof JobResult.Error failed) {
            return failed.error();
        } else if (result instanceof JobResult.Rejected rejected) {
            return rejected.error();
        }
        return new JobError(ErrorCode.INTERNAL_ERROR, "no error: " + result.outcome(), null, null);
    }

    private void delay(Message message, Ticket ticket, Delay delay, String jobId) {
        String routingKey = String.valueOf(message.getMessageProperties().getReceivedRoutingKey());
        publisher.publish(Topology.WAIT, routingKey, JobHeaders.waiting(message, ticket, delay));
        points.at("delayed", jobId);
    }

    private void keep(Message message, @Nullable Ticket ticket, JobError error, @Nullable String jobId) {
        publisher.publish(
                Topology.DEFAULT_EXCHANGE,
                Topology.DEAD,
                JobHeaders.dead(message, ticket, error, jobId, worker, clock.instant()));
        points.at("kept", String.valueOf(jobId));
    }
}
