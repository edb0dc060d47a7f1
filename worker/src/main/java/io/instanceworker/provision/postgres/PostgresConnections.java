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

    /**
     * Defaults of a role or a database must not cut DDL short: a cancelled DROP leaves a database that nobody can use. Not
     * every version has all of them.
     */
    static final String NO_TIMEOUTS = """
            SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings
            WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
                           'idle_in_transaction_session_timeout', 'client_connection_check_interval')
            """;

    /** How long a look may take, so that a server that falls silent holds up no other's jobs. */
    private static final Duration LOOK_TIMEOUT = Duration.ofMinutes(1);

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
        return server.properties().entrySet().stream()
                .filter(property -> isConnectTimeout(property.getKey()))
                .findFirst()
                .map(property -> Duration.ofSeconds(Long.parseLong(property.getValue())))
                .orElse(DEFAULT_CONNECT_TIMEOUT);
    }

    /** With or without its dashes, which the name of an environment variable cannot have. */
    static boolean isConnectTimeout(String property) {
        return property.replaceAll("[-.]", "").equalsIgnoreCase(CONNECT_TIMEOUT_SECONDS.replace("-", ""));
    }

    ServerAddress address() {
        PGSimpleDataSource source = dataSource(server, null);
        return new ServerAddress(source.getServerNames()[0], source.getPortNumbers()[0]);
    }

    /** A pooled connection to the maintenance database, in autocommit, that waits for the server as long as that takes. */
    Connection get() throws SQLException {
        return pool.getConnection();
    }

    /** The same for something that the server answers at once, if it answers. The pool undoes the limit. */
    Connection getForLook() throws SQLException {
        Connection connection = pool.getConnection();
        limit(connection);
        return connection;
    }

    static void limit(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, (int) LOOK_TIMEOUT.toMillis());
    }

    static void lift(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, 0);
    }

    /** A new connection for a look, not pooled, to the named database. */
    Connection open(String databaseName) throws SQLException {
        return open(dataSource(server, databaseName));
    }

    /** The same to the maintenance database. */
    Connection open() throws SQLException {
        return open(dataSource(server, null));
    }

    private static Connection open(PGSimpleDataSource source) throws SQLException {
        Connection connection = source.getConnection();
        limit(connection);
        return connection;
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
