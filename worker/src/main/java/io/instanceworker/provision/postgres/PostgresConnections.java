package io.instanceworker.provision.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.ServerDefinition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The connections to one server: a pool on the maintenance database, and single ones to others. */
final class PostgresConnections implements AutoCloseable {

    /** In the pool a job that changes something needs its locked session and a second one; a look needs one. */
    private static final int CONNECTIONS_PER_JOB = 3;

    static final String CONNECT_TIMEOUT_SECONDS = "connect-timeout-seconds";

    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofMinutes(2);

    /** Defaults of a role or a database must not cut DDL short: a cancelled DROP leaves a database that nobody can use. */
    private static final String NO_TIMEOUTS =
            "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";

    private final ServerDefinition server;
    private final HikariDataSource pool;

    PostgresConnections(ServerDefinition server) {
        this.server = server;
        this.pool = new HikariDataSource(poolConfig(server));
    }

    private static HikariConfig poolConfig(ServerDefinition server) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("postgresql-" + server.name());
        config.setDataSource(dataSource(server, null));
        config.setMaximumPoolSize(server.maxConcurrentJobs() * CONNECTIONS_PER_JOB);
        config.setMinimumIdle(0);
        config.setIdleTimeout(IDLE.toMillis());
        config.setConnectionTimeout(connectTimeout(server).toMillis());
        // A server that is down at start is no reason not to start.
        config.setInitializationFailTimeout(-1);
        config.setConnectionInitSql(NO_TIMEOUTS);
        return config;
    }

    private static PGSimpleDataSource dataSource(ServerDefinition server, @Nullable String databaseName) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(server.url());
        source.setUser(server.username());
        source.setPassword(server.password() == null ? null : server.password().reveal());
        source.setApplicationName(PostgresLock.APPLICATION_NAME);
        source.setTcpKeepAlive(true);
        int seconds = (int) Math.max(1, connectTimeout(server).toSeconds());
        source.setConnectTimeout(seconds);
        source.setLoginTimeout(seconds);
        if (databaseName != null) {
            source.setDatabaseName(databaseName);
        }
        return source;
    }

    private static Duration connectTimeout(ServerDefinition server) {
        String set = server.properties().get(CONNECT_TIMEOUT_SECONDS);
        return set == null ? DEFAULT_CONNECT_TIMEOUT : Duration.ofSeconds(Long.parseLong(set));
    }

    String serverName() {
        return server.name();
    }

    ServerAddress address() {
        PGSimpleDataSource source = dataSource(server, null);
        return new ServerAddress(source.getServerNames()[0], source.getPortNumbers()[0]);
    }

    /** A pooled connection to the maintenance database, in autocommit. */
    Connection get() throws SQLException {
        return pool.getConnection();
    }

    /** A new connection, not pooled, to the named database. */
    Connection open(String databaseName) throws SQLException {
        return dataSource(server, databaseName).getConnection();
    }

    /** Ends a pooled connection instead of giving it back, because what it still holds is not known. */
    void discard(Connection connection) {
        pool.evictConnection(connection);
    }

    @Override
    public void close() {
        pool.close();
    }
}
