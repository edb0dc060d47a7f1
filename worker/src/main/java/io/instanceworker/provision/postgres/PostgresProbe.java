package io.instanceworker.provision.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of its own that finds out whether the server answers and can be written. In the journal's database it also
 * holds an advisory lock, the presence lock: other workers take this worker for alive as long as the lock is held.
 */
final class PostgresProbe implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresProbe.class);

    private final PostgresConnections connections;
    private final long presenceKey;
    private @Nullable Connection session;
    private boolean present;

    /** @param presenceKey of the presence lock */
    PostgresProbe(PostgresConnections connections, long presenceKey) {
        this.connections = connections;
        this.presenceKey = presenceKey;
    }

    synchronized void run() throws SQLException {
        Connection current = session;
        try {
            if (current == null) {
                current = connections.open(null);
                session = current;
            }
            current.setNetworkTimeout(
                    Runnable::run, (int) connections.connectTimeout().toMillis());
            try (Statement statement = current.createStatement();
                    ResultSet row = statement.executeQuery("SHOW transaction_read_only")) {
                row.next();
                if (row.getBoolean(1)) {
                    throw new SQLException("The session can only read", PostgresErrors.READ_ONLY);
                }
            }
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    /** Takes the presence lock, if this session does not hold it yet. */
    synchronized void announce() throws SQLException {
        if (present) {
            return;
        }
        boolean taken;
        Connection inJournal = connections.open(connections.journalDatabase());
        try (PreparedStatement statement = inJournal.prepareStatement("SELECT pg_try_advisory_lock(?)")) {
            statement.setLong(1, presenceKey);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                taken = row.getBoolean(1);
            }
        } catch (SQLException e) {
            inJournal.close();
            throw e;
        }
        close();
        session = inJournal;
        // If an earlier session of this worker still has the lock, the next probe tries again.
        present = taken;
    }

    @Override
    public synchronized void close() {
        present = false;
        if (session != null) {
            try (Connection ended = session) {
                session = null;
            } catch (SQLException e) {
                log.debug("Closing the probe's session failed, so it has ended already: {}", e.getMessage());
            }
        }
    }
}
