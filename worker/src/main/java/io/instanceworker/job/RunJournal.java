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
import io.instanceworker.journal.Received.End;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What one run of a job writes into the journal. Without a row (a query, an engine without a journal) it writes nothing. */
final class RunJournal {

    private static final Duration CRASH_IS_SEEN_WITHIN = Duration.ofSeconds(1);

    private static final EventWriter WRITER = new EventWriter();

    private final @Nullable Journal journal;
    private final @Nullable JobRun run;
    private final JobObserver observer;
    private boolean started;
    private @Nullable InstanceStatusEvent ended;

    RunJournal(@Nullable Journal journal, @Nullable JobRun run, JobObserver observer) {
        this.journal = journal;
        this.run = run;
        this.observer = observer;
    }

    /** Whether this run may have changed something. */
    boolean hasStarted() {
        return started;
    }

    /** The identity of the database that an earlier delivery was about to drop. */
    @Nullable String before() {
        return run == null ? null : run.before();
    }

    /** The success that is written already. */
    @Nullable InstanceStatusEvent ended() {
        return ended;
    }

    /**
     * To be called under the lock, before anything is changed.
     *
     * @param before the identity of the database that is about to be dropped
     * @throws ProvisioningException {@code SUPERSEDED}
     * @throws ClaimLostException if another worker has the job by now
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
    }

    /** Writes the success on the session that holds the lock. */
    void endUnderLock(InstanceLock lock, InstanceStatusEvent event) {
        if (journal != null && run != null) {
            observer.at("journal end");
            if (journal.endUnderLock(lock, run, written(event, false)) == Journal.Ending.CLAIM_LOST) {
                throw new ClaimLostException(run.runId());
            }
        }
        ended = event;
    }

    /** For a transaction that was rolled back, or a database that is not what was asked for. */
    void forgetEnd(boolean written) {
        if (written && journal != null && run != null && ended != null) {
            journal.reopen(run);
        }
        ended = null;
    }

    void end(InstanceStatusEvent event, boolean deadLettered) {
        if (journal != null && run != null) {
            observer.at("journal end");
            JobError error = event.data().error();
            if (journal.end(
                            run,
                            written(event, deadLettered),
                            error == null ? null : error.code().name())
                    == Journal.Ending.CLAIM_LOST) {
                throw new ClaimLostException(run.runId());
            }
            observer.at("journal ended");
        }
        ended = event;
    }

    private static End written(InstanceStatusEvent event, boolean deadLettered) {
        return new End(
                event.data().outcome().jsonName(),
                new String(WRITER.write(event), StandardCharsets.UTF_8),
                deadLettered);
    }

    /** Gives the job back, to this or another worker. */
    void defer(Progress next, @Nullable ErrorCode error, @Nullable Instant nextAttemptAt) {
        if (journal != null && run != null) {
            observer.at("journal defer");
            if (journal.defer(run, next, error == null ? null : error.name(), nextAttemptAt)
                    == Journal.Ending.CLAIM_LOST) {
                throw new ClaimLostException(run.runId());
            }
            observer.at("journal deferred");
        }
    }

    /** A job that waits inside the worker has not crashed it: a crash is not counted while nobody has the claim. */
    void releaseClaim() {
        if (journal != null && run != null && journal.releaseClaim(run) == Journal.Ending.CLAIM_LOST) {
            throw new ClaimLostException(run.runId());
        }
    }

    void takeClaimBack() {
        if (journal != null && run != null && journal.takeClaimBack(run) == Journal.Ending.CLAIM_LOST) {
            throw new ClaimLostException(run.runId());
        }
    }

    /**
     * Ends the session in which a crashed worker still creates the database. A run that was taken over from a worker just now
     * waits a moment for it to be seen that this worker has crashed.
     */
    boolean endOrphan(String databaseName) {
        return journal != null
                && run != null
                && journal.endOrphan(databaseName, run.crashedOwner() == null ? Duration.ZERO : CRASH_IS_SEEN_WITHIN);
    }
}
