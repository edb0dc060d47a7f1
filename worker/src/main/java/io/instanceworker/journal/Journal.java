package io.instanceworker.journal;

import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.JournalStore;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.journal.JobRun.Age;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.journal.JobRunRepository.Row;
import io.instanceworker.journal.Received.End;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one server. It is the inbox pattern; the store is the server on which the jobs change databases. Every method
 * throws {@link ProvisioningException} if the journal cannot be reached.
 */
public final class Journal {

    /** The result of {@link #start}. */
    public enum Start {
        STARTED,
        /** A job that was received later for the same database has already succeeded. */
        SUPERSEDED,
        /** Another delivery has the claim now. */
        CLAIM_LOST
    }

    /** The result of {@link #end} and of the methods that change the claim. */
    public enum Ending {
        WRITTEN,
        /** Another delivery has the claim now, or the run has ended. */
        NOT_WRITTEN
    }

    private final JournalStore store;
    private final JobRunRepository runs;
    private final int maxAttempts;

    /** @param maxAttempts how many attempts a replayed job has */
    public Journal(JournalStore store, int maxAttempts) {
        this.store = store;
        this.runs = new JobRunRepository(store.clock(), store.millisAgo());
        this.maxAttempts = maxAttempts;
    }

    /**
     * Inserts a row for a received message, or finds the row of an earlier delivery of this message.
     *
     * @param inserting gets the run id of a new row before the insert, because the answer of the server may be lost
     */
    public Received receive(ReceivedMessage message, Consumer<String> inserting) {
        String claim = UUID.randomUUID().toString();
        return onOwnSession("Writing down that the job was received", connection -> {
            while (true) {
                Row row = find(connection, message).orElse(null);
                if (row == null) {
                    String runId = newRunId(connection, message);
                    inserting.accept(runId);
                    if (!runs.insert(connection, runId, claim, store.owner(), message, message.progress())) {
                        continue;
                    }
                    Age age = new Age(message.waited(), message.waited());
                    return new Received.Open(
                            new JobRun(runId, claim, age, message.progress(), 0, null, null, null), true);
                }
                Optional<Received> received = take(connection, message, row, claim);
                if (received.isPresent()) {
                    return received.orElseThrow();
                }
            }
        });
    }

    /**
     * What happened to a database, the newest first. Creates no journal where there is none.
     *
     * @param databaseKey the database's name in the form in which the server compares names
     */
    public List<HistoryEntry> history(String databaseKey, int most) {
        try (Connection connection = store.open()) {
            return runs.history(connection, databaseKey, most);
        } catch (SQLException e) {
            throw store.translate("Reading the journal", e);
        }
    }

    private Optional<Row> find(Connection connection, ReceivedMessage message) throws SQLException {
        if (message.runId() != null) {
            Optional<Row> own = runs.findByRunId(connection, message.runId())
                    .filter(row -> row.bodySha256().equals(message.bodySha256()));
            if (own.isPresent()) {
                return own;
            }
        } else if (message.redelivered()) {
            return runs.findByBody(connection, message.bodySha256());
        }
        // The message waited without a row. It is a copy of an earlier message. If that message was redelivered, it may
        // have inserted a row.
        return message.fromWaitQueue()
                ? runs.findByBody(connection, message.bodySha256())
                        .filter(row -> row.age().due().compareTo(message.waited()) <= 0)
                : Optional.empty();
    }

    /** The message's own run id, so that its redelivery finds the row. Publishers can write any id, also that of another row. */
    private String newRunId(Connection connection, ReceivedMessage message) throws SQLException {
        String own = message.runId();
        return own == null || runs.findByRunId(connection, own).isPresent()
                ? UUID.randomUUID().toString()
                : own;
    }

    /** @return empty if the row was changed concurrently */
    private Optional<Received> take(Connection connection, ReceivedMessage message, Row row, String claim)
            throws SQLException {
        String worker = message.job().worker();
        if (row.end() != null) {
            if (!row.end().deadLettered() || !message.mayBeReplay()) {
                return Optional.of(new Received.Ended(row.runId(), row.end()));
            }
            int ended = row.progress().attempt();
            Progress next = new Progress(ended + 1, ended + maxAttempts, 0, null).orLater(message.progress());
            Age age = new Age(row.age().received(), Duration.ZERO);
            return runs.replay(connection, row, claim, store.owner(), worker, next)
                    ? open(new JobRun(row.runId(), claim, age, next, 0, null, row.startedDrop(), row.lastError()))
                    : Optional.empty();
        }
        // A claim without a redelivery is not a crash: the message comes from a wait queue, and its worker could not
        // clear the claim in the journal.
        boolean crashed = message.redelivered() && row.claim() != null;
        int crashes = row.crashes() + (crashed ? 1 : 0);
        Progress progress = row.progress().orLater(message.progress());
        return runs.claim(connection, row, claim, store.owner(), worker, progress, crashes)
                ? open(new JobRun(
                        row.runId(),
                        claim,
                        row.age(),
                        progress,
                        crashes,
                        crashed ? row.owner() : null,
                        row.startedDrop(),
                        row.lastError()))
                : Optional.empty();
    }

    private static Optional<Received> open(JobRun run) {
        return Optional.of(new Received.Open(run, false));
    }

    /**
     * Gives up the row that a lost delivery has inserted. If another delivery of the message has a row, which is then older, the
     * new one is removed. If not, it stays for the next delivery, because it says when the message was received.
     *
     * @param sinceReceipt how long ago the lost delivery was received
     */
    public void giveUp(JobRun run, Duration sinceReceipt) {
        onOwnSession("Giving up the row of a lost delivery", connection -> {
            if (!runs.removeIfTwice(connection, run, sinceReceipt)) {
                runs.defer(connection, run, run.progress(), null, null);
            }
            return run;
        });
    }

    /**
     * Writes that the job starts, unless its claim is lost or a job that was received later has succeeded. Call it under the
     * lock, before anything is changed.
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

    /** Removes the identity that {@link #start} has written, because the database was not dropped. Call it under the same lock. */
    public void notDropped(InstanceLock lock, JobRun run) {
        onSessionOf(lock, "Writing down that nothing was dropped", connection -> {
            runs.removeBefore(connection, run);
            return run;
        });
    }

    /**
     * Writes a success on the lock's session, in the transaction that gives a database its name, or after a drop. It is written
     * even if another worker has the claim now, because that worker cannot change anything without the lock.
     */
    public Ending endUnderLock(InstanceLock lock, JobRun run, End ended) {
        return onSessionOf(
                lock,
                "Writing down that the job has ended",
                connection -> ending(durably(connection, () -> runs.end(connection, run, ended, null, false))));
    }

    /** Writes an end without the lock. The end is not written if another worker has the claim now. */
    public Ending end(JobRun run, End ended, @Nullable String errorCode) {
        return onOwnSession(
                "Writing down that the job has ended",
                connection -> ending(durably(connection, () -> runs.end(connection, run, ended, errorCode, true))));
    }

    /**
     * Does the work in a transaction whose commit is durable. A session that is not in autocommit mode is in the transaction that
     * gives a database its name, and that one the engine commits.
     */
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
        return written ? Ending.WRITTEN : Ending.NOT_WRITTEN;
    }

    /** Opens a run again if its recorded end was wrong. */
    public void reopen(JobRun run) {
        onOwnSession("Writing down that the job goes on", connection -> {
            runs.reopen(connection, run, store.owner());
            return run;
        });
    }

    /**
     * Clears the claim before the message goes to a wait queue.
     *
     * @param errorCode why the attempt failed; null if the job only waits
     */
    public Ending defer(JobRun run, Progress next, @Nullable String errorCode, @Nullable Instant nextAttemptAt) {
        return onOwnSession(
                "Writing down that the job waits",
                connection -> ending(runs.defer(connection, run, next, errorCode, nextAttemptAt)));
    }

    /** Clears the claim while the job waits inside this worker. */
    public Ending releaseClaim(JobRun run) {
        return onOwnSession(
                "Writing down that the job waits", connection -> ending(runs.moveClaim(connection, run, false)));
    }

    /** Sets the same claim again, unless another worker has the claim now. */
    public Ending takeClaimBack(JobRun run) {
        return onOwnSession(
                "Writing down that the job goes on", connection -> ending(runs.moveClaim(connection, run, true)));
    }

    /** Removes the rows of messages that were received longer ago than this. */
    public int removeOlderThan(Duration age) {
        return onOwnSession("Removing old rows", connection -> runs.removeOlderThan(connection, age));
    }

    /** As {@link JournalStore#commitsEndWithName}. */
    public boolean commitsEndWithName() {
        return store.commitsEndWithName();
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
