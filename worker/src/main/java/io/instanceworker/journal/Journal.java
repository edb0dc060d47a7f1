package io.instanceworker.journal;

import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.JournalStore;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.journal.JobRunRepository.Row;
import io.instanceworker.journal.Received.End;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one server: the inbox pattern, with the server whose databases are changed as its store. Every method throws
 * {@link ProvisioningException} if the journal cannot be reached.
 */
public final class Journal {

    /** What {@link #start} found. */
    public enum Start {
        STARTED,
        /** A job that was received later for the same database has already succeeded. */
        SUPERSEDED,
        /** Another worker has the run by now. */
        CLAIM_LOST
    }

    /** What {@link #end} found. */
    public enum Ending {
        WRITTEN,
        /** Another worker has the run by now, or has ended it. */
        CLAIM_LOST
    }

    private final JournalStore store;
    private final JobRunRepository runs;
    private final int maxAttempts;

    /** @param maxAttempts how many attempts a replayed job has */
    public Journal(JournalStore store, int maxAttempts) {
        this.store = store;
        this.runs = new JobRunRepository(store.clock());
        this.maxAttempts = maxAttempts;
    }

    /**
     * Writes down that a message was received, or finds the row that an earlier delivery of it has.
     *
     * @param inserting is told the run id of a new row before it is inserted, since the answer may be lost
     */
    public Received receive(ReceivedMessage message, Consumer<String> inserting) {
        String claim = UUID.randomUUID().toString();
        return onOwnSession("Writing down that the job was received", connection -> {
            while (true) {
                Row row = find(connection, message).orElse(null);
                if (row == null) {
                    String runId = UUID.randomUUID().toString();
                    inserting.accept(runId);
                    runs.insert(connection, runId, claim, store.owner(), message, message.progress());
                    return new Received.Open(
                            new JobRun(runId, claim, message.waited(), message.progress(), 0, null, null, null));
                }
                Optional<Received> received = take(connection, message, row, claim);
                if (received.isPresent()) {
                    return received.orElseThrow();
                }
            }
        });
    }

    private Optional<Row> find(Connection connection, ReceivedMessage message) throws SQLException {
        if (message.runId() != null) {
            Optional<Row> own = runs.findByRunId(connection, message.runId(), message.bodySha256());
            if (own.isPresent()) {
                return own;
            }
        } else if (message.redelivered()) {
            return runs.findByBody(connection, message.bodySha256());
        }
        // It waited without a row. The message that it is a copy of may have come again meanwhile, and have made one.
        return message.fromWaitQueue()
                ? runs.findByBody(connection, message.bodySha256())
                        .filter(row -> row.age().compareTo(message.waited()) <= 0)
                : Optional.empty();
    }

    /** @return empty if the row has changed meanwhile */
    private Optional<Received> take(Connection connection, ReceivedMessage message, Row row, String claim)
            throws SQLException {
        String worker = message.job().worker();
        if (row.end() != null) {
            if (!row.end().deadLettered() || !message.mayBeReplay()) {
                return Optional.of(new Received.Ended(row.end()));
            }
            int ended = row.progress().attempt();
            Progress next = new Progress(ended + 1, ended + maxAttempts, 0, null);
            return runs.replay(connection, row, claim, store.owner(), worker, next)
                    ? Optional.of(new Received.Open(new JobRun(
                            row.runId(), claim, Duration.ZERO, next, 0, null, row.before(), row.lastError())))
                    : Optional.empty();
        }
        // From a wait queue a message comes only when its worker had given the claim back, or could not write that
        // down.
        boolean crashed = message.redelivered() && row.claim() != null;
        int crashes = row.crashes() + (crashed ? 1 : 0);
        Progress progress = row.progress().orLater(message.progress());
        return runs.claim(connection, row, claim, store.owner(), worker, progress, crashes)
                ? Optional.of(new Received.Open(run(row, claim, progress, crashes, crashed ? row.owner() : null)))
                : Optional.empty();
    }

    private static JobRun run(Row row, String claim, Progress progress, int crashes, @Nullable String crashedOwner) {
        return new JobRun(
                row.runId(), claim, row.age(), progress, crashes, crashedOwner, row.before(), row.lastError());
    }

    /**
     * To be called under the lock, before anything is changed.
     *
     * @param before the identity of the database that is about to be dropped
     */
    public Start start(InstanceLock lock, JobRun run, @Nullable String before) {
        return onSessionOf(lock, "Writing down that the job starts", connection -> {
            if (runs.start(connection, run, before)) {
                return Start.STARTED;
            }
            return runs.hasClaim(connection, run) ? Start.SUPERSEDED : Start.CLAIM_LOST;
        });
    }

    /**
     * Writes a success, on the lock's session: inside the transaction that names a database, or after a drop. It counts even if
     * another worker has the claim by now, because that one could change nothing without the lock.
     */
    public Ending endUnderLock(InstanceLock lock, JobRun run, End ended) {
        return onSessionOf(
                lock,
                "Writing down that the job has ended",
                connection -> ending(durably(connection, () -> runs.end(connection, run, ended, null, false))));
    }

    /** Writes an end without the lock. It does not count if another worker has the claim by now. */
    public Ending end(JobRun run, End ended, @Nullable String errorCode) {
        return onOwnSession(
                "Writing down that the job has ended",
                connection -> ending(durably(connection, () -> runs.end(connection, run, ended, errorCode, true))));
    }

    /** Inside the transaction that names a database, the engine takes care of that. */
    private <T> T durably(Connection connection, SqlCall<T> work) throws SQLException {
        if (!connection.getAutoCommit()) {
            return work.call();
        }
        connection.setAutoCommit(false);
        try {
            store.makeDurable(connection);
            T answer = work.call();
            connection.commit();
            return answer;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static Ending ending(boolean written) {
        return written ? Ending.WRITTEN : Ending.CLAIM_LOST;
    }

    /** Opens a run again whose written end turned out to be wrong. */
    public void reopen(JobRun run) {
        onOwnSession("Writing down that the job goes on", connection -> {
            runs.reopen(connection, run, store.owner());
            return run;
        });
    }

    /**
     * Gives the claim back before the message goes to a wait queue.
     *
     * @param errorCode why the attempt failed; null if it only waits
     */
    public Ending defer(JobRun run, Progress next, @Nullable String errorCode, @Nullable Instant nextAttemptAt) {
        return onOwnSession(
                "Writing down that the job waits",
                connection -> ending(runs.defer(connection, run, next, errorCode, nextAttemptAt)));
    }

    /** Gives the claim back while the job waits inside this worker. */
    public Ending releaseClaim(JobRun run) {
        return onOwnSession(
                "Writing down that the job waits", connection -> ending(runs.moveClaim(connection, run, false)));
    }

    /** The same claim again, unless another worker has the run by now. */
    public Ending takeClaimBack(JobRun run) {
        return onOwnSession(
                "Writing down that the job goes on", connection -> ending(runs.moveClaim(connection, run, true)));
    }

    /** Removes the rows of messages that were received longer ago. */
    public int removeOlderThan(Duration age) {
        return onOwnSession("Removing old rows", connection -> runs.removeOlderThan(connection, age));
    }

    /** As {@link JournalStore#endOrphan}. */
    public boolean endOrphan(String databaseName, Duration patience) {
        return store.endOrphan(databaseName, patience);
    }

    private <T> T onOwnSession(String doing, Work<T> work) {
        try (Connection connection = store.connect()) {
            return work.run(connection);
        } catch (SQLException e) {
            throw store.translate(doing, e);
        }
    }

    private <T> T onSessionOf(InstanceLock lock, String doing, Work<T> work) {
        try {
            return work.run(store.sessionOf(lock));
        } catch (SQLException e) {
            throw store.translate(doing, e);
        }
    }

    private interface SqlCall<T> {
        T call() throws SQLException;
    }

    private interface Work<T> {
        T run(Connection connection) throws SQLException;
    }
}
