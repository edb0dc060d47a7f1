package io.instanceworker.provision.sqlserver;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool that is replaced when it fails although the server answers. */
final class ConnectionPool implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ConnectionPool.class);

    private static final Duration IDLE = Duration.ofMinutes(2);

    private final String name;
    private final DataSource source;
    private final int size;
    private final Duration connectTimeout;
    private @Nullable HikariDataSource current;
    private volatile boolean failed;

    ConnectionPool(String name, DataSource source, int size, Duration connectTimeout) {
        this.name = name;
        this.source = source;
        this.size = size;
        this.connectTimeout = connectTimeout;
    }

    Connection get() throws SQLException {
        try {
            Connection connection = dataSource().getConnection();
            failed = false;
            return connection;
        } catch (SQLException e) {
            failed = true;
            throw e;
        }
    }

    private synchronized HikariDataSource dataSource() {
        if (current == null) {
            HikariConfig config = new HikariConfig();
            config.setPoolName(name);
            config.setDataSource(source);
            config.setMaximumPoolSize(size);
            config.setMinimumIdle(0);
            config.setIdleTimeout(IDLE.toMillis());
            config.setConnectionTimeout(connectTimeout.toMillis());
            // A server that is down at start is no reason not to start.
            config.setInitializationFailTimeout(-1);
            // Otherwise the pool reads it from its first connection, and if that fails, every later connection fails
            // too.
            config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
            current = new HikariDataSource(config);
        }
        return current;
    }

    /** Ends a connection instead of giving it back, because what it holds is not known. */
    void discard(Connection connection) {
        dataSource().evictConnection(connection);
    }

    /** The next use creates a new pool. */
    @Override
    public synchronized void close() {
        failed = false;
        if (current != null) {
            current.close();
            current = null;
        }
    }

    /** Not while connections are in use, because closing the pool would end them. */
    synchronized void closeIfBroken() {
        if (failed && current != null && current.getHikariPoolMXBean().getActiveConnections() == 0) {
            log.info("The connection pool {} fails although the server answers; it is made anew", name);
            close();
        }
    }
}
