package io.instanceworker.provision.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of its own that finds out whether the server answers. In the journal's database it also holds a lock by which
 * other workers see that this one is alive.
 */
final class PostgresProbe implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresProbe.class);

    private final PostgresConnections connections;
    private final long presenceKey;
    private @Nullable Connection session;
    private boolean present;

    /** @param presenceKey of the lock by which this worker is seen to be alive */
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
            try (Statement statement = current.createStatement()) {
                statement.execute("SELECT 1");
            }
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    /** Takes the lock that says that this worker is alive, if it does not hold it yet. */
    synchronized void announce() throws SQLException {
        if (present) {
            return;
        }
        Connection inJournal = connections.open(connections.journalDatabase());
        try (PreparedStatement statement = inJournal.prepareStatement("SELECT pg_try_advisory_lock(?)")) {
            statement.setLong(1, presenceKey);
            statement.execute();
        } catch (SQLException e) {
            inJournal.close();
            throw e;
        }
        close();
        session = inJournal;
        present = true;
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
