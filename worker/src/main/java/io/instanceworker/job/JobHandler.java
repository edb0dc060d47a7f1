package io.instanceworker.job;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.journal.Journal;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Servers;
import io.instanceworker.retry.RetryPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs a job and returns what to do with its message. A failure of the job is not an exception here. */
public final class JobHandler {

    /**
     * The settings that are the same for all jobs.
     *
     * @param worker name of this worker in events
     * @param retry when a failed job is tried again
     * @param defaultDeadline how long a job without its own deadline may take
     * @param maxDeadline how long after a job was received its own deadline may be at most
     * @param maxCrashes after how many crashes of its workers a job is dead-lettered
     */
    public record Policy(
            String worker, RetryPolicy retry, Duration defaultDeadline, Duration maxDeadline, int maxCrashes) {}

    private final Servers servers;
    private final Policy policy;
    private final JobMonitor monitor;
    private final Clock clock;
    private final CrashIsolation isolation = new CrashIsolation();

    public JobHandler(Servers servers, Policy policy, JobMonitor monitor, Clock clock) {
        this.servers = servers;
        this.policy = policy;
        this.monitor = monitor;
        this.clock = clock;
    }

    /**
     * Runs one attempt, on the calling thread. Returns when the attempt has ended.
     *
     * @throws DeliveryLostException if the message is to go back to its queue
     * @throws ClaimLostException if another delivery has the job
     */
    public Disposition handle(Job job, JobDelivery delivery, JobObserver observer) {
        Instant begin = clock.instant();
        Server server;
        try {
            server = servers.named(job.header().server());
        } catch (ProvisioningException e) {
            ResultFactory results = new ResultFactory(job, carried(delivery), policy.worker(), clock);
            JobResult.Error error = results.error(JobErrors.of(e), Optional.empty());
            ended(job.operation(), null, error, false, Duration.ZERO);
            return new Disposition.Ended(InstanceStatusEvent.of(error, clock.instant()), false, null, null);
        }
        if (delivery.redelivered()) {
            monitor.redelivered(job.operation(), server.name());
        }
        Disposition disposition = execution(job, delivery, server, observer).run();
        report(job, server, disposition, Duration.between(begin, clock.instant()));
        return disposition;
    }

    private JobExecution execution(Job job, JobDelivery delivery, Server server, JobObserver observer) {
        Journal ofServer = job.operation().changesDatabases() ? server.journal().orElse(null) : null;
        RunJournal journal = new RunJournal(ofServer, delivery, observer, clock);
        JobAttempt attempt = carried(delivery);
        ResultFactory results = new ResultFactory(job, attempt, policy.worker(), clock);
        return new JobExecution(
                new JobContext(job, server, policy, observer, journal, results, clock), delivery, attempt, isolation);
    }

    private JobAttempt carried(JobDelivery delivery) {
        return JobAttempt.carried(delivery, policy.retry().maxAttempts(), clock.instant());
    }

    private void report(Job job, Server server, Disposition disposition, Duration took) {
        if (disposition instanceof Disposition.Wait) {
            monitor.waits(job.operation(), server.name());
        } else if (disposition instanceof Disposition.TryAgain again) {
            ended(job.operation(), server.name(), again.event().data(), false, took);
        } else if (disposition instanceof Disposition.Ended ended) {
            ended(job.operation(), server.name(), ended.event().data(), ended.deadLettered(), took);
        }
    }

    private void ended(
            Operation operation, @Nullable String server, JobResult result, boolean deadLettered, Duration took) {
        JobError error = result.error();
        monitor.ended(new JobMonitor.Attempt(
                operation, server, result.outcome(), error == null ? null : error.code(), deadLettered, took));
    }

    /** The event for a message that is not a job; empty if its job id could not be read. */
    public Optional<InstanceStatusEvent> reject(ReadJob.Refused refused) {
        Instant now = clock.instant();
        monitor.ended(new JobMonitor.Attempt(
                refused.operation(), null, OutcomeKind.REJECTED, refused.code(), true, Duration.ZERO));
        JobError error = new JobError(refused.code(), refused.message(), null, null);
        return Optional.ofNullable(refused.jobId())
                .map(jobId -> new JobResult.Rejected(
                        new JobFacts(
                                jobId,
                                refused.operation(),
                                refused.server(),
                                refused.instance(),
                                ResultFactory.NEVER_TRIED,
                                policy.retry().maxAttempts(),
                                JobFacts.sequence(ResultFactory.NEVER_TRIED, OutcomeKind.REJECTED),
                                now,
                                now,
                                policy.worker(),
                                refused.requestedBy(),
                                refused.context()),
                        error))
                .map(rejected -> InstanceStatusEvent.of(rejected, now));
    }
}
