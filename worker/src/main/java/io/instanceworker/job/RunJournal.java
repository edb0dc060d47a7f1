package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.EventWriter;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.journal.JobRun;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.journal.Journal;
import io.instanceworker.journal.Received;
import io.instanceworker.journal.Received.End;
import io.instanceworker.journal.ReceivedMessage;
import io.instanceworker.retry.Delay;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one delivery of a job reads and writes in the job's row. For a query, and on an engine without a journal, that is nothing. */
final class RunJournal {

    private static final Logger log = LoggerFactory.getLogger(RunJournal.class);

    private static final Duration CRASH_IS_SEEN_WITHIN = Duration.ofSeconds(1);

    private static final EventWriter WRITER = new EventWriter();

    private final @Nullable Journal journal;
    private final JobDelivery delivery;
    private final JobObserver observer;
    private final Clock clock;
    private final Instant begin;

    /** The run id in the message, or the run id of a row that may have been inserted. */
    private @Nullable String runId;

    private @Nullable JobRun run;
    private boolean started;
    private @Nullable String before;
    private @Nullable Instant dropStartedAt;
    private @Nullable InstanceStatusEvent ended;

    /** @param journal null for a query, and for an engine without a journal */
    RunJournal(@Nullable Journal journal, JobDelivery delivery, JobObserver observer, Clock clock) {
        this.journal = journal;
        this.delivery = delivery;
        this.observer = observer;
        this.clock = clock;
        this.begin = clock.instant();
        this.runId = delivery.carried().runId();
    }

    boolean exists() {
        return journal != null;
    }

    /** As {@link Journal#commitsEndWithName}; true without a journal. */
    boolean commitsEndWithName() {
        return journal == null || journal.commitsEndWithName();
    }

    /** Whether a worker may have inserted a row for the job. */
    boolean mayHaveRow() {
        return journal != null && (delivery.redelivered() || runId != null);
    }

    @Nullable String runId() {
        return runId;
    }

    /** Writes that the job was received. Call it only if there is a journal. */
    Received receive(ReceivedMessage message) {
        observer.at("journal receive");
        Received received = receiveOrRefuse(message);
        if (received instanceof Received.Open open) {
            run = open.run();
            runId = run.runId();
            if (open.isNew()) {
                requireDelivery(run);
            }
            if (run.startedDrop() != null) {
                before = run.startedDrop().identity();
                dropStartedAt = clock.instant().minus(run.startedDrop().age());
            }
        } else if (received instanceof Received.Ended earlier) {
            runId = earlier.runId();
        }
        observer.at("journal received");
        return received;
    }

    private Received receiveOrRefuse(ReceivedMessage message) {
        try {
            return Objects.requireNonNull(journal).receive(message, inserting -> runId = inserting);
        } catch (ProvisioningException e) {
            if (e.code() != ErrorCode.SERVER_UNAVAILABLE) {
                // The server has answered, so there is no row.
                runId = delivery.carried().runId();
            }
            throw e;
        }
    }

    /**
     * Checks that the message was not redelivered before its row was inserted. The worker that received it then would not have
     * found the row, and both would do the work. Every later delivery finds the row.
     */
    private void requireDelivery(JobRun inserted) {
        try {
            observer.requireDelivery();
        } catch (DeliveryLostException e) {
            run = null;
            try {
                Objects.requireNonNull(journal).giveUp(inserted, Duration.between(begin, clock.instant()));
            } catch (ProvisioningException unreachable) {
                log.warn(
                        "The row {} of a lost delivery keeps its claim: {}",
                        inserted.runId(),
                        unreachable.getMessage());
            }
            throw e;
        }
    }

    /** How long ago the job was received, as far as no row says it. */
    Duration waited() {
        return delivery.carried().waited().plus(Duration.between(begin, clock.instant()));
    }

    /** Whether this delivery may have changed something. */
    boolean hasStarted() {
        return started;
    }

    /**
     * The identity of the database that this or an earlier delivery was about to delete, or for a Restore the trash name of the
     * one that it was about to restore.
     */
    @Nullable String before() {
        return before;
    }

    /** When that was; null only if there is none. */
    @Nullable Instant dropStartedAt() {
        return dropStartedAt;
    }

    /**
     * The end that this delivery has recorded. For an Add or Copy it is set just before the commit; {@link #forgetEnd} removes
     * it if the commit fails.
     */
    @Nullable InstanceStatusEvent recordedEnd() {
        return ended;
    }

    /**
     * Writes that the job starts. Call it under the lock, before anything is changed.
     *
     * @param before what {@link #before()} is to return to a later delivery
     * @throws ProvisioningException {@code SUPERSEDED}
     * @throws ClaimLostException if another worker has the job now
     */
    void start(InstanceLock lock, @Nullable String before) {
        if (journal != null && run != null) {
            observer.at("journal start");
            switch (journal.start(lock, run, before)) {
                case STARTED -> observer.at("journal started");
                case SUPERSEDED ->
                    throw new ProvisioningException(
                            ErrorCode.SUPERSEDED,
                            "A job that was received later for the same database has already succeeded, so this one"
                                    + " would undo it. Nothing was changed; send the job again if it is still wanted.");
                case CLAIM_LOST -> throw new ClaimLostException(run.runId());
            }
        }
        started = true;
        if (before != null) {
            this.before = before;
            dropStartedAt = clock.instant();
        }
    }

    /** Writes the success on the session that holds the lock. */
    void endUnderLock(InstanceLock lock, InstanceStatusEvent event) {
        if (journal != null && run != null) {
            observer.at("journal end");
            if (journal.endUnderLock(lock, run, endOf(event, false)) == Journal.Ending.NOT_WRITTEN) {
                throw new ClaimLostException(run.runId());
            }
        }
        ended = event;
    }

    /**
     * Removes the success: the answer to its commit is missing, or the database is not as the job asks for. If a commit
     * without an answer has succeeded after all, {@link #recordWait} finds the run ended; the message then waits, and its next
     * delivery publishes the recorded success.
     *
     * @param committed whether the success is known to be committed
     */
    void forgetEnd(boolean committed) {
        boolean recorded = ended != null;
        ended = null;
        if (committed && recorded && journal != null && run != null) {
            journal.reopen(run);
        }
    }

    /** The job has not deleted or restored the database, so what others do with it later must not count as its work. */
    void notDropped(InstanceLock lock) {
        if (journal != null && run != null) {
            journal.notDropped(lock, run);
        }
        before = null;
        dropStartedAt = null;
    }

    void end(InstanceStatusEvent event, boolean deadLettered) {
        if (journal != null && run != null) {
            observer.at("journal end");
            JobError error = event.data().error();
            if (journal.end(
                            run,
                            endOf(event, deadLettered),
                            error == null ? null : error.code().name())
                    == Journal.Ending.NOT_WRITTEN) {
                throw new ClaimLostException(run.runId());
            }
            observer.at("journal ended");
        }
        ended = event;
    }

    private static End endOf(InstanceStatusEvent event, boolean deadLettered) {
        // A journal that an administrator made may have an encoding in which not every character of the job can be
        // written.
        return new End(event.data().outcome().jsonName(), WRITER.writeAscii(event), deadLettered);
    }

    /**
     * Clears the claim before the message goes to a wait queue.
     *
     * @return what the headers of the message must contain
     */
    Carried recordWait(Progress next, @Nullable ErrorCode error, Delay delay) {
        if (run == null) {
            return new Carried(runId, next, waited());
        }
        try {
            defer(next, error, clock.instant().plus(delay.length()));
            return Carried.run(run.runId());
        } catch (ProvisioningException e) {
            log.warn("Could not write into the journal that the job waits: {}", e.getMessage());
            return new Carried(run.runId(), next, Duration.ZERO);
        }
    }

    /** Clears the claim, so that the next delivery does not count a crash. A failure is only logged. */
    void clearClaimQuietly(Progress progress) {
        try {
            defer(progress, null, null);
        } catch (ProvisioningException | ClaimLostException e) {
            log.debug("Could not clear the claim in the journal: {}", e.getMessage());
        }
    }

    private void defer(Progress next, @Nullable ErrorCode error, @Nullable Instant nextAttemptAt) {
        if (journal != null && run != null) {
            observer.at("journal defer");
            if (journal.defer(run, next, error == null ? null : error.name(), nextAttemptAt)
                    == Journal.Ending.NOT_WRITTEN) {
                throw new ClaimLostException(run.runId());
            }
            observer.at("journal deferred");
        }
    }

    /** Clears the claim while the job waits inside the worker. A crash is not counted for a job without a claim. */
    void releaseClaim() {
        if (journal != null && run != null && journal.releaseClaim(run) == Journal.Ending.NOT_WRITTEN) {
            throw new ClaimLostException(run.runId());
        }
    }

    void takeClaimBack() {
        if (journal != null && run != null && journal.takeClaimBack(run) == Journal.Ending.NOT_WRITTEN) {
            throw new ClaimLostException(run.runId());
        }
    }

    /**
     * Ends the session in which a crashed worker still creates the database. If this delivery has just taken over the run, it
     * waits up to {@link #CRASH_IS_SEEN_WITHIN} until the server has noticed the crash.
     */
    boolean endOrphan(String databaseName) {
        return journal != null
                && run != null
                && journal.endOrphan(databaseName, run.crashedOwner() == null ? Duration.ZERO : CRASH_IS_SEEN_WITHIN);
    }
}
