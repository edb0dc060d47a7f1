package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.pool.ConnectionPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The connections to one server: a pool on the maintenance database for queries, one on the journal's for changes. */
final class PostgresConnections implements AutoCloseable {

    static final String CONNECT_TIMEOUT_SECONDS = "connect-timeout-seconds";

    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Connections for the sweep and for the verification of a database, in addition to one for each job. */
    private static final int BESIDE_THE_JOBS = 2;

    /**
     * Timeouts that are set for the role or the database must not cancel DDL: a cancelled DROP leaves a database that nobody
     * can use. Not every version has all of these settings.
     */
    static final String NO_TIMEOUTS = """
            SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings
            WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
                           'idle_in_transaction_session_timeout', 'client_connection_check_interval')
            """;

    /**
     * For the journal's sessions. A crash of the server may lose what they committed within the last second: that a job was
     * received or started, which does no harm. Ends of jobs are committed with {@link #DURABLE_COMMIT}.
     */
    private static final String QUICK_COMMITS = "SET synchronous_commit = off";

    /** For sessions that only read: the server cancels what takes longer, well before {@link #QUERY_TIMEOUT}. */
    private static final String SHORT_QUERIES = "SET statement_timeout = '5s'";

    /** For a transaction that a crash of the server must not lose. */
    static final String DURABLE_COMMIT = "SET LOCAL synchronous_commit = on";

    /** How long the worker waits for the answer to a query. After that the server counts as unavailable. */
    private static final Duration QUERY_TIMEOUT = Duration.ofMinutes(1);

    private final ServerDefinition server;
    private final ConnectionPool maintenance;
    private final ConnectionPool journal;

    PostgresConnections(ServerDefinition server) {
        this.server = server;
        // A job that changes databases reads the catalogs on a connection beside the session that holds its lock.
        this.maintenance = pool(
                "postgresql-" + server.name(),
                null,
                server.concurrency().queries() + server.concurrency().jobs() + BESIDE_THE_JOBS,
                SHORT_QUERIES);
        this.journal = pool(
                "postgresql-" + server.name() + "-journal",
                server.journalDatabase(),
                server.concurrency().jobs() + BESIDE_THE_JOBS,
                QUICK_COMMITS);
    }

    private ConnectionPool pool(String name, @Nullable String databaseName, int size, String settings) {
        String initSql = NO_TIMEOUTS + ";" + KeepAliveSocketFactory.SERVER_SIDE + ";" + settings;
        return new ConnectionPool(name, source(databaseName), size, connectTimeout(), initSql);
    }

    /** Reads the password for each new connection, because it may have been changed in its file. */
    private static final class CurrentPasswordDataSource extends PGSimpleDataSource {

        private static final long serialVersionUID = 1L;

        private final transient @Nullable Secret password;

        CurrentPasswordDataSource(@Nullable Secret password) {
            this.password = password;
        }

        @Override
        public Connection getConnection() throws SQLException {
            return getConnection(getUser(), password == null ? null : password.reveal());
        }
    }

    private PGSimpleDataSource source(@Nullable String databaseName) {
        PGSimpleDataSource source = new CurrentPasswordDataSource(server.password());
        source.setURL(server.url());
        source.setUser(server.username());
        source.setApplicationName(PostgresLock.APPLICATION_NAME);
        source.setTcpKeepAlive(true);
        source.setSocketFactory(KeepAliveSocketFactory.class.getName());
        int seconds = (int) Math.max(1, connectTimeout().toSeconds());
        source.setConnectTimeout(seconds);
        source.setLoginTimeout(seconds);
        if (databaseName != null) {
            source.setDatabaseName(databaseName);
        }
        return source;
    }

    Duration connectTimeout() {
        return server.properties().entrySet().stream()
                .filter(property -> PostgresProperties.is(CONNECT_TIMEOUT_SECONDS, property.getKey()))
                .findFirst()
                .map(property -> Duration.ofSeconds(Long.parseLong(property.getValue())))
                .orElse(DEFAULT_CONNECT_TIMEOUT);
    }

    ServerAddress address() {
        PGSimpleDataSource source = source(null);
        return new ServerAddress(source.getServerNames()[0], source.getPortNumbers()[0]);
    }

    String journalDatabase() {
        return server.journalDatabase();
    }

    String username() {
        return String.valueOf(server.username());
    }

    /** A pooled connection to the maintenance database, in autocommit mode, without a limit on the time of an answer. */
    Connection get() throws SQLException {
        return maintenance.get();
    }

    /** The same with {@link #QUERY_TIMEOUT} for each answer. The pool removes the limit when the connection is returned. */
    Connection getForQuery() throws SQLException {
        Connection connection = maintenance.get();
        limit(connection);
        return connection;
    }

    /** A pooled connection to the journal's database, which must exist, with {@link #QUERY_TIMEOUT} for each answer. */
    Connection getJournal() throws SQLException {
        Connection connection = journal.get();
        limit(connection);
        return connection;
    }

    static void limit(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, (int) QUERY_TIMEOUT.toMillis());
    }

    static void lift(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, 0);
    }

    /** A new connection to the named database, not pooled, with {@link #QUERY_TIMEOUT} for each answer. */
    Connection open(@Nullable String databaseName) throws SQLException {
        Connection connection = source(databaseName).getConnection();
        limit(connection);
        return connection;
    }

    /** Ends a pooled connection to the journal's database instead of giving it back, because what it holds is not known. */
    void discardJournal(Connection connection) {
        journal.discard(connection);
    }

    /** To be called when the server answers. */
    void renewBrokenPools() {
        maintenance.closeIfBroken();
        journal.closeIfBroken();
    }

    /** After the journal's database was made. */
    void renewJournal() {
        journal.close();
    }

    @Override
    public void close() {
        maintenance.close();
        journal.close();
    }
}
