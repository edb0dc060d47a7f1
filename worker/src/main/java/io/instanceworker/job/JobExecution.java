package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.AdoptJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.InfoJob;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.RestoreJob;
import io.instanceworker.contracts.job.StatusJob;
import io.instanceworker.contracts.job.StatusPageJob;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.contracts.result.EventReader;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.journal.JobRun;
import io.instanceworker.journal.Received;
import io.instanceworker.journal.Received.End;
import io.instanceworker.journal.ReceivedMessage;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Receives, checks and runs one delivery of a job on one server. {@link UnfinishedJob} handles a job without success. */
final class JobExecution {

    private static final Logger log = LoggerFactory.getLogger(JobExecution.class);

    /** How long a job keeps its place if the server is unreachable. Meanwhile the backlog stays in its queue, in order. */
    private static final Duration HOLD_WHILE_UNREACHABLE = Duration.ofSeconds(5);

    private final JobContext context;
    private final Job job;
    private final JobDelivery delivery;
    private final Server server;
    private final RunJournal journal;
    private final CrashIsolation isolation;
    private JobAttempt attempt;

    JobExecution(JobContext context, JobDelivery delivery, JobAttempt attempt, CrashIsolation isolation) {
        this.context = context;
        this.job = context.job();
        this.delivery = delivery;
        this.server = context.server();
        this.journal = context.journal();
        this.attempt = attempt;
        this.isolation = isolation;
    }

    /**
     * @throws DeliveryLostException if the message is to go back to its queue
     * @throws ClaimLostException if another delivery has the job
     */
    Disposition run() {
        Target target = null;
        ProvisioningException refusal = null;
        try {
            target = job instanceof InstanceJob about ? server.target(about) : null;
        } catch (ProvisioningException e) {
            refusal = e;
        }
        context.results().isAbout(server.name());
        if (target != null) {
            context.results().isAbout(target.instance());
        }
        JobFields.add(server, target);
        context.observer().isAbout(server.name(), target == null ? null : target.instance());
        try {
            return run(target, refusal);
        } catch (JobDeferredException | StillRunningException e) {
            return unfinished(target).deferred(String.valueOf(e.getMessage()));
        } catch (ProvisioningException e) {
            return unfinished(target).failed(e);
        } catch (DeliveryLostException e) {
            journal.clearClaimQuietly(attempt.progress());
            throw e;
        }
    }

    private UnfinishedJob unfinished(@Nullable Target target) {
        return new UnfinishedJob(context, attempt, target);
    }

    private Disposition run(@Nullable Target target, @Nullable ProvisioningException refusal) {
        if (!server.guard().awaitReachable(HOLD_WHILE_UNREACHABLE)) {
            if (refusal != null && !journal.mayHaveRow()) {
                throw refusal;
            }
            throw new JobDeferredException("the server " + server.name() + " cannot be used");
        }
        Optional<End> earlierEnd = claimRun(target);
        if (earlierEnd.isPresent()) {
            return publishedAgain(earlierEnd.orElseThrow());
        }
        if (refusal != null) {
            throw refusal;
        }
        return unfinished(target)
                .endBeforeStart(delivery.deliveryCount())
                .orElseGet(() -> isolation.run(
                        attempt.crashes(),
                        whileWaiting(),
                        () -> context.recordEnd(attempt, runOperation(target), false)));
    }

    /** Writes into the journal that the job was received. Returns the end of a job that has ended before. */
    private Optional<End> claimRun(@Nullable Target target) {
        if (journal.exists()) {
            Received received = receive(message(target));
            if (received instanceof Received.Ended before) {
                return Optional.of(before.end());
            }
            JobRun run = ((Received.Open) received).run();
            attempt = JobAttempt.of(run, context.now());
        }
        if (journal.dropStartedAt() != null) {
            // The work may be done. A failure from now on must not count as later than another job's success.
            context.results().startedAt(journal.dropStartedAt());
        }
        context.results().isAttempt(attempt);
        JobFields.add(attempt);
        context.observer().isAttempt(attempt.number());
        return Optional.empty();
    }

    private Received receive(ReceivedMessage message) {
        try {
            return server.guard().observed(() -> journal.receive(message));
        } catch (ProvisioningException e) {
            throw NotStartedException.where(e);
        }
    }

    private Disposition publishedAgain(End before) {
        log.info("The job has ended before; its result is published again");
        InstanceStatusEvent event = new EventReader().read(before.event().getBytes(StandardCharsets.UTF_8));
        return new Disposition.Ended(event, before.deadLettered(), journal.runId(), null);
    }

    private ReceivedMessage message(@Nullable Target target) {
        InstanceRef instance = target != null
                ? target.instance()
                : job instanceof InstanceJob about ? about.instance() : InstanceRef.NONE;
        String database = target == null ? null : target.databaseName();
        return new ReceivedMessage(
                delivery.bodySha256(),
                delivery.carried().runId(),
                delivery.redelivered(),
                delivery.fromWaitQueue(),
                delivery.mayBeReplay(),
                journal.waited(),
                attempt.progress(),
                new ReceivedMessage.Facts(
                        job.jobId(),
                        job.operation().jsonName(),
                        instance.id(),
                        instance.tenant(),
                        database,
                        database == null
                                ? null
                                : server.provisioner().nameRules().canonical(database),
                        job instanceof CopyJob copy ? copy.sourceDatabaseName() : null,
                        job instanceof AddJob add ? add.template() : null,
                        job.header().requestedBy(),
                        context.policy().worker()));
    }

    /** Clears the claim while the job waits: a crash of the worker in this time is not counted for this job. */
    private CrashIsolation.Waiting whileWaiting() {
        return new CrashIsolation.Waiting() {
            @Override
            public void starts() {
                claim(journal::releaseClaim);
            }

            @Override
            public void ends() {
                claim(journal::takeClaimBack);
            }
        };
    }

    private static void claim(Runnable change) {
        try {
            change.run();
        } catch (ProvisioningException e) {
            throw NotStartedException.where(e);
        }
    }

    private InstanceStatusEvent runOperation(@Nullable Target target) {
        OperationResult result;
        try {
            result = operate(target);
        } catch (ProvisioningException
                | StillRunningException
                | JobDeferredException
                | DeliveryLostException
                | ClaimLostException e) {
            throw e;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            // A plugin for another version may cause a LinkageError, which must not end the worker.
            log.error(
                    "The job failed with an unexpected exception, which is a defect of the worker or of an engine", e);
            throw new ProvisioningException(
                    ErrorCode.INTERNAL_ERROR,
                    "The worker failed with an unexpected exception; its log has more. The job is tried again.");
        }
        // A change has recorded its event under the lock. Only a query has none yet.
        InstanceStatusEvent written = journal.recordedEnd();
        return written == null ? context.event(context.results().succeeded(result)) : written;
    }

    private OperationResult operate(@Nullable Target target) {
        if (job instanceof StatusPageJob page) {
            return new QueryRunner(server).page(page);
        }
        Target one = Objects.requireNonNull(target);
        if (job instanceof AddJob add) {
            return new CreationRunner(context).add(add, one);
        } else if (job instanceof CopyJob copy) {
            return new CreationRunner(context).copy(copy, one);
        } else if (job instanceof DeleteJob delete) {
            return new DeleteRunner(context).delete(delete, one);
        } else if (job instanceof AdoptJob adopt) {
            return new ExistingDatabaseRunner(context).adopt(adopt, one);
        } else if (job instanceof RestoreJob) {
            return new ExistingDatabaseRunner(context).restore(one);
        } else if (job instanceof InfoJob) {
            return new QueryRunner(server).info(one);
        } else if (job instanceof StatusJob) {
            return new QueryRunner(server).status(one);
        }
        throw new IllegalStateException("An operation without a runner: " + job.operation());
    }
}
