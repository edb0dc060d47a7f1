package io.instanceworker.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.Metrics;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool of JDBC connections that is replaced when it fails although the server answers. */
public final class ConnectionPool implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ConnectionPool.class);

    private static final Duration IDLE = Duration.ofMinutes(2);

    private final String name;
    private final DataSource source;
    private final int size;
    private final Duration connectTimeout;
    private final @Nullable String initSql;
    private @Nullable HikariDataSource current;
    private volatile boolean failed;

    /**
     * @param size how many connections there are at most
     * @param initSql run on each new connection; null for nothing
     */
    public ConnectionPool(String name, DataSource source, int size, Duration connectTimeout, @Nullable String initSql) {
        this.name = name;
        this.source = source;
        this.size = size;
        this.connectTimeout = connectTimeout;
        this.initSql = initSql;
    }

    /** A connection in autocommit mode, whose {@code close} gives it back. */
    public Connection get() throws SQLException {
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
            config.setConnectionInitSql(initSql);
            config.setMetricRegistry(Metrics.globalRegistry);
            current = new HikariDataSource(config);
        }
        return current;
    }

    /** Ends a connection instead of giving it back, because what it holds is not known. */
    public void discard(Connection connection) {
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

    /** To be called when the server answers. Not done while connections are in use, because it would end them. */
    public synchronized void closeIfBroken() {
        if (failed && current != null && current.getHikariPoolMXBean().getActiveConnections() == 0) {
            log.info("The connection pool {} fails although the server answers; it is made anew", name);
            close();
        }
    }
}
