package io.instanceworker.journal;

import io.instanceworker.journal.JobRun.Age;
import io.instanceworker.journal.JobRun.Progress;
import io.instanceworker.journal.JobRun.StartedDrop;
import io.instanceworker.journal.Received.End;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements on {@code job_run}. Except for the clock, the SQL is the same for PostgreSQL and SQL Server. */
final class JobRunRepository {

    /** A row of the table. */
    record Row(
            String runId,
            String bodySha256,
            @Nullable String claim,
            @Nullable String owner,
            Age age,
            Progress progress,
            int crashes,
            @Nullable StartedDrop startedDrop,
            @Nullable String lastError,
            @Nullable End end) {}

    /** SQL Server has one SQLSTATE for all violated constraints. */
    private static final int DUPLICATE_KEY_OF_SQL_SERVER = 2627;

    private static final Duration LONGEST_DEADLINE = Duration.ofDays(30);

    /**
     * Where the job of a row without an end is: with a claim, a worker runs it. Without a claim but with an owner, it waits inside
     * that worker. Without both, its message is in a wait queue, or where next_attempt_at is null back in its queue.
     */
    private static final String COLUMNS = """
            SELECT run_id, body_sha256, claim, owner, received_at, COALESCE(replayed_at, received_at) AS due_from, %s AS server_time,
                   attempt, allowed_attempts, waits, crashes, first_failure_at, before_identity, started_at, last_error, outcome, result, dead_lettered
            FROM job_run
            """;

    private final String insert;
    private final String findByRunId;
    private final String findByBody;
    private final String claim;
    private final String start;
    private final String end;
    private final String endOwn;
    private final String removeReceivedBefore;
    private final String replay;
    private final String removeIfTwice;

    /**
     * @param clock the SQL expression for the server's clock
     * @param millisAgo the same, a number of milliseconds ago
     */
    JobRunRepository(String clock, String millisAgo) {
        insert = """
                INSERT INTO job_run (run_id, body_sha256, job_id, operation, instance_id, tenant, database_name, database_key,
                                     source, template, requested_by, worker, owner, claim, received_at, claimed_at,
                                     attempt, allowed_attempts, waits, first_failure_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, %s, %s, ?, ?, ?, ?)
                """.formatted(millisAgo, clock);
        findByRunId = COLUMNS.formatted(clock) + "WHERE run_id = ?";
        // First a run whose message went back to its queue, then the run with the earliest claim.
        // So two redelivered messages of the same bytes get a row each.
        findByBody = COLUMNS.formatted(clock) + """
                WHERE body_sha256 = ?
                ORDER BY CASE WHEN outcome IS NOT NULL THEN 4 WHEN claim IS NOT NULL THEN 2
                              WHEN owner IS NULL AND next_attempt_at IS NULL THEN 1 ELSE 3 END,
                         CASE WHEN outcome IS NULL THEN claimed_at END, received_at DESC
                """;
        claim = """
                UPDATE job_run SET claim = ?, claimed_at = %s, owner = ?, worker = ?, attempt = ?, allowed_attempts = ?, waits = ?,
                                   crashes = ?, next_attempt_at = NULL
                WHERE run_id = ? AND outcome IS NULL AND COALESCE(claim, '') = ?
                """.formatted(clock);
        start = """
                UPDATE job_run SET before_identity = COALESCE(?, before_identity), started_at = %s
                WHERE run_id = ? AND claim = ? AND outcome IS NULL
                  AND NOT EXISTS (SELECT 1 FROM job_run later
                                  WHERE later.database_key = job_run.database_key
                                    AND later.received_at > job_run.received_at AND later.outcome = 'Succeeded')
                """.formatted(clock);
        String setEnd = """
                UPDATE job_run SET outcome = ?, error_code = ?, result = ?, dead_lettered = ?, ended_at = %s,
                                   claim = NULL, next_attempt_at = NULL
                WHERE run_id = ? AND outcome IS NULL
                """.formatted(clock);
        end = setEnd;
        endOwn = setEnd + "AND claim = ?";
        replay = """
                UPDATE job_run SET outcome = NULL, error_code = NULL, result = NULL, dead_lettered = ?, ended_at = NULL,
                                   replayed_at = %1$s, claimed_at = %1$s, claim = ?, owner = ?, worker = ?, attempt = ?, allowed_attempts = ?,
                                   waits = ?, crashes = 0
                WHERE run_id = ? AND dead_lettered = ?
                """.formatted(clock);
        removeReceivedBefore = """
                DELETE FROM job_run WHERE received_at < %1$s AND (outcome IS NOT NULL OR received_at < %1$s)
                """.formatted(millisAgo);
        removeIfTwice = """
                DELETE FROM job_run WHERE run_id = ? AND claim = ? AND outcome IS NULL
                  AND EXISTS (SELECT 1 FROM job_run other
                              WHERE other.body_sha256 = job_run.body_sha256 AND other.run_id <> job_run.run_id
                                AND other.claimed_at >= %s)
                """.formatted(millisAgo);
    }

    /** @return false if there is a row with this run id by now */
    boolean insert(
            Connection connection, String runId, String claim, String owner, ReceivedMessage message, Progress progress)
            throws SQLException {
        ReceivedMessage.Facts job = message.job();
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            Parameters parameters = new Parameters(statement);
            parameters
                    .text(runId)
                    .text(message.bodySha256())
                    .text(job.jobId())
                    .text(job.operation())
                    .text(job.instanceId())
                    .text(job.tenant())
                    .text(job.databaseName())
                    .text(job.databaseKey())
                    .text(job.source())
                    .text(job.template())
                    .text(job.requestedBy())
                    .text(job.worker())
                    .text(owner)
                    .text(claim)
                    .millis(message.waited())
                    .progress(progress)
                    .time(progress.firstFailureAt());
            statement.executeUpdate();
            return true;
        } catch (SQLException e) {
            if ("23505".equals(e.getSQLState()) || e.getErrorCode() == DUPLICATE_KEY_OF_SQL_SERVER) {
                return false;
            }
            throw e;
        }
    }

    Optional<Row> findByRunId(Connection connection, String runId) throws SQLException {
        return find(connection, findByRunId, runId);
    }

    /** The most likely run of a redelivered message without a run id. */
    Optional<Row> findByBody(Connection connection, String bodySha256) throws SQLException {
        return find(connection, findByBody, bodySha256);
    }

    private static Optional<Row> find(Connection connection, String sql, String key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setMaxRows(1);
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(read(row)) : Optional.empty();
            }
        }
    }

    private static Row read(ResultSet row) throws SQLException {
        String outcome = row.getString("outcome");
        return new Row(
                row.getString("run_id"),
                row.getString("body_sha256"),
                row.getString("claim"),
                row.getString("owner"),
                new Age(ago(row, "received_at"), ago(row, "due_from")),
                new Progress(
                        row.getInt("attempt"),
                        row.getInt("allowed_attempts"),
                        row.getInt("waits"),
                        instant(row, "first_failure_at")),
                row.getInt("crashes"),
                startedDrop(row),
                row.getString("last_error"),
                outcome == null ? null : new End(outcome, row.getString("result"), row.getBoolean("dead_lettered")));
    }

    private static @Nullable StartedDrop startedDrop(ResultSet row) throws SQLException {
        String identity = row.getString("before_identity");
        return identity == null ? null : new StartedDrop(identity, ago(row, "started_at"));
    }

    private static Duration ago(ResultSet row, String column) throws SQLException {
        return Duration.between(instant(row, column), instant(row, "server_time"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /**
     * Replaces the claim of an open run.
     *
     * @return false if another delivery has replaced the claim first, or the run has ended
     */
    boolean claim(
            Connection connection, Row row, String claim, String owner, String worker, Progress progress, int crashes)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(this.claim)) {
            new Parameters(statement)
                    .text(claim)
                    .text(owner)
                    .text(worker)
                    .progress(progress)
                    .number(crashes)
                    .text(row.runId())
                    .text(row.claim() == null ? "" : row.claim());
            return statement.executeUpdate() == 1;
        }
    }

    /** Opens a dead-lettered run again. Its attempts are numbered on, and its default deadline counts from now. */
    boolean replay(Connection connection, Row row, String claim, String owner, String worker, Progress progress)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(replay)) {
            new Parameters(statement)
                    .flag(false)
                    .text(claim)
                    .text(owner)
                    .text(worker)
                    .progress(progress)
                    .text(row.runId())
                    .flag(true);
            return statement.executeUpdate() == 1;
        }
    }

    /** Opens a run again if its recorded end was wrong. */
    void reopen(Connection connection, JobRun run, String owner) throws SQLException {
        String sql = """
                UPDATE job_run SET outcome = NULL, error_code = NULL, result = NULL, ended_at = NULL, claim = ?, owner = ?
                WHERE run_id = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new Parameters(statement).text(run.claim()).text(owner).text(run.runId());
            statement.executeUpdate();
        }
    }

    /**
     * Writes that the run is about to change something.
     *
     * @param before the identity of the database that is about to be dropped; null leaves the column unchanged
     * @return false if the claim is lost, or a run that was received later for the same database has succeeded
     */
    boolean start(Connection connection, JobRun run, @Nullable String before) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(start)) {
            new Parameters(statement).text(before).text(run.runId()).text(run.claim());
            return statement.executeUpdate() == 1;
        }
    }

    /** Removes what {@link #start} has written, because the database was not dropped. */
    void removeBefore(Connection connection, JobRun run) throws SQLException {
        String sql = "UPDATE job_run SET before_identity = NULL WHERE run_id = ? AND claim = ? AND outcome IS NULL";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new Parameters(statement).text(run.runId()).text(run.claim());
            statement.executeUpdate();
        }
    }

    /** Removes an open row that still has this claim, if another row of the same body was claimed within this time. */
    boolean removeIfTwice(Connection connection, JobRun run, Duration time) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(removeIfTwice)) {
            new Parameters(statement).text(run.runId()).text(run.claim()).millis(time);
            return statement.executeUpdate() == 1;
        }
    }

    boolean hasClaim(Connection connection, JobRun run) throws SQLException {
        String sql = "SELECT 1 FROM job_run WHERE run_id = ? AND claim = ? AND outcome IS NULL";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new Parameters(statement).text(run.runId()).text(run.claim());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** @param ownClaim whether to write the end only if this delivery still has the claim */
    boolean end(Connection connection, JobRun run, End ended, @Nullable String errorCode, boolean ownClaim)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ownClaim ? endOwn : end)) {
            Parameters parameters = new Parameters(statement)
                    .text(ended.outcome())
                    .text(errorCode)
                    .text(ended.event())
                    .flag(ended.deadLettered())
                    .text(run.runId());
            if (ownClaim) {
                parameters.text(run.claim());
            }
            return statement.executeUpdate() == 1;
        }
    }

    /** The latest runs for a database, the newest first. */
    List<HistoryEntry> history(Connection connection, String databaseKey, int most) throws SQLException {
        String sql = """
                SELECT run_id, job_id, operation, instance_id, tenant, source, template, requested_by, worker, received_at, attempt,
                       crashes, last_error, next_attempt_at, claim, outcome, error_code, dead_lettered, ended_at
                FROM job_run WHERE database_key = ? ORDER BY received_at DESC
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setMaxRows(most);
            new Parameters(statement).text(databaseKey);
            try (ResultSet row = statement.executeQuery()) {
                List<HistoryEntry> entries = new ArrayList<>();
                while (row.next()) {
                    entries.add(new HistoryEntry(
                            row.getString("run_id"),
                            row.getString("job_id"),
                            row.getString("operation"),
                            row.getString("instance_id"),
                            row.getString("tenant"),
                            row.getString("source"),
                            row.getString("template"),
                            row.getString("requested_by"),
                            row.getString("worker"),
                            Objects.requireNonNull(instant(row, "received_at"), "is never null"),
                            row.getInt("attempt"),
                            row.getInt("crashes"),
                            row.getString("last_error"),
                            instant(row, "next_attempt_at"),
                            row.getString("claim") != null,
                            row.getString("outcome"),
                            row.getString("error_code"),
                            row.getBoolean("dead_lettered"),
                            instant(row, "ended_at")));
                }
                return entries;
            }
        }
    }

    /** Clears the claim until the message returns from a wait queue. */
    boolean defer(
            Connection connection, JobRun run, Progress next, @Nullable String error, @Nullable Instant nextAttemptAt)
            throws SQLException {
        String sql = """
                UPDATE job_run SET claim = NULL, owner = NULL, attempt = ?, allowed_attempts = ?, waits = ?, first_failure_at = ?,
                                   last_error = COALESCE(?, last_error), next_attempt_at = ?
                WHERE run_id = ? AND claim = ? AND outcome IS NULL
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new Parameters(statement)
                    .progress(next)
                    .time(next.firstFailureAt())
                    .text(error)
                    .time(nextAttemptAt)
                    .text(run.runId())
                    .text(run.claim());
            return statement.executeUpdate() == 1;
        }
    }

    /** @param back true sets the claim again, false clears it */
    boolean moveClaim(Connection connection, JobRun run, boolean back) throws SQLException {
        String sql = "UPDATE job_run SET claim = ? WHERE run_id = ? AND outcome IS NULL AND COALESCE(claim, '') = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new Parameters(statement)
                    .text(back ? run.claim() : null)
                    .text(run.runId())
                    .text(back ? "" : run.claim());
            return statement.executeUpdate() == 1;
        }
    }

    /** Removes rows of runs that have ended, and open rows of lost messages once no deadline can be so late. */
    int removeOlderThan(Connection connection, Duration age) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(removeReceivedBefore)) {
            new Parameters(statement).millis(age).millis(age.plus(LONGEST_DEADLINE));
            return statement.executeUpdate();
        }
    }

    /** Sets the parameters of a statement in their order. */
    private static final class Parameters {

        private final PreparedStatement statement;
        private int index;

        Parameters(PreparedStatement statement) {
            this.statement = statement;
        }

        Parameters text(@Nullable String value) throws SQLException {
            statement.setString(++index, value);
            return this;
        }

        Parameters number(int value) throws SQLException {
            statement.setInt(++index, value);
            return this;
        }

        Parameters flag(boolean value) throws SQLException {
            statement.setBoolean(++index, value);
            return this;
        }

        Parameters time(@Nullable Instant value) throws SQLException {
            OffsetDateTime time = value == null ? null : value.atOffset(ZoneOffset.UTC);
            statement.setObject(++index, time, Types.TIMESTAMP_WITH_TIMEZONE);
            return this;
        }

        Parameters millis(Duration value) throws SQLException {
            statement.setLong(++index, value.toMillis());
            return this;
        }

        Parameters progress(Progress progress) throws SQLException {
            return number(progress.attempt()).number(progress.allowedAttempts()).number(progress.waits());
        }
    }
}
