package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports how far a long statement is, by a query on another session every few seconds. The statement does not depend on it: after
 * a query that fails, and for a login without the right, there is no progress.
 */
final class ProgressWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ProgressWatch.class);

    /** The time between two queries. A statement that ends sooner is not watched. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    /** How much of a copy is done when its backup is made, in percent. */
    static final int BACKED_UP = 50;

    /** How much is done when it is restored. */
    static final int RESTORED = 100;

    private final SqlServerConnections connections;
    private final long pauseMillis;
    private final ScheduledThreadPoolExecutor watcher;

    ProgressWatch(SqlServerConnections connections, Duration pause) {
        this.connections = connections;
        this.pauseMillis = pause.toMillis();
        this.watcher = new ScheduledThreadPoolExecutor(
                1,
                runnable -> {
                    Thread thread = new Thread(runnable, "sqlserver-progress");
                    thread.setDaemon(true);
                    return thread;
                },
                // A statement that starts after the end is executed without being watched.
                new ThreadPoolExecutor.DiscardPolicy());
        watcher.setRemoveOnCancelPolicy(true);
    }

    /**
     * Executes a statement on the session of the lock.
     *
     * @param from the percentage of the whole work that is done before the statement
     * @param to the percentage that is done after it
     */
    void execute(SqlServerLock lock, String sql, int from, int to) throws SQLException {
        Future<?> watched = watcher.scheduleWithFixedDelay(
                () -> report(lock, from, to), pauseMillis, pauseMillis, TimeUnit.MILLISECONDS);
        try {
            lock.execute(sql);
        } finally {
            watched.cancel(false);
        }
    }

    private void report(SqlServerLock lock, int from, int to) {
        OptionalInt percent;
        try {
            percent = percentOf(lock.sessionId());
        } catch (SQLException e) {
            log.debug("The progress of a statement is not known: {}", e.getMessage());
            // The executor does not call it again.
            throw new IllegalStateException(e);
        }
        percent.ifPresent(done -> lock.progress(from + done * (to - from) / RESTORED));
    }

    private OptionalInt percentOf(int sessionId) throws SQLException {
        try (Connection connection = connections.getForQuery();
                PreparedStatement statement = connection.prepareStatement(TSql.PROGRESS)) {
            statement.setInt(1, sessionId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? OptionalInt.of(row.getInt("percent_complete")) : OptionalInt.empty();
            }
        }
    }

    @Override
    public void close() {
        watcher.shutdownNow();
    }
}
