package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session of its own that finds out whether the server answers. */
final class SqlServerProbe implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SqlServerProbe.class);

    private final SqlServerConnections connections;
    private @Nullable Connection session;

    SqlServerProbe(SqlServerConnections connections) {
        this.connections = connections;
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
                statement.execute(TSql.PROBE);
            }
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    @Override
    public synchronized void close() {
        try (Connection ended = session) {
            session = null;
        } catch (SQLException e) {
            log.debug("Closing the probe's session failed, so it has ended already: {}", e.getMessage());
        }
    }
}
