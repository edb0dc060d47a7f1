package io.instanceworker.provision.sqlserver;

import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import com.microsoft.sqlserver.jdbc.SQLServerException;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.pool.ConnectionPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The connections to one server: a pool on the maintenance database for queries, one on the journal's for changes. */
final class SqlServerConnections implements AutoCloseable {

    static final String APPLICATION_NAME = "instance-worker";

    /** Connections for the sweep and for the verification of a database, in addition to those of the jobs. */
    private static final int BESIDE_THE_JOBS = 2;

    /** How long the worker waits for the answer to a query. After that the server counts as unavailable. */
    private static final Duration QUERY_TIMEOUT = Duration.ofMinutes(1);

    private final ServerDefinition server;
    private final Duration connectTimeout;
    private final ConnectionPool maintenance;
    private final ConnectionPool journal;

    SqlServerConnections(ServerDefinition server, Duration connectTimeout) {
        this.server = server;
        this.connectTimeout = connectTimeout;
        String name = "sqlserver-" + server.name();
        int jobs = server.concurrency().jobs();
        // A job that changes databases reads the catalogs on a connection beside the session that holds its lock.
        this.maintenance = new ConnectionPool(
                name, source(null), server.concurrency().queries() + jobs + BESIDE_THE_JOBS, connectTimeout, null);
        // It commits in a second session of the journal, because a database cannot be renamed in a transaction.
        this.journal = new ConnectionPool(
                name + "-journal", source(server.journalDatabase()), 2 * jobs + BESIDE_THE_JOBS, connectTimeout, null);
    }

    /** Reads the password for each new connection, because it may have been changed in its file. */
    private static final class CurrentPasswordDataSource extends SQLServerDataSource {

        private static final long serialVersionUID = 1L;

        private final transient @Nullable Secret password;

        CurrentPasswordDataSource(@Nullable Secret password) {
            this.password = password;
        }

        @Override
        public Connection getConnection() throws SQLServerException {
            return password == null ? super.getConnection() : getConnection(getUser(), password.reveal());
        }
    }

    private SQLServerDataSource source(@Nullable String databaseName) {
        SQLServerDataSource source = new CurrentPasswordDataSource(server.password());
        source.setURL(server.url());
        if (server.username() != null) {
            source.setUser(server.username());
        }
        source.setApplicationName(APPLICATION_NAME);
        // The driver must not replace a broken session by another, which would not hold the locks of the first.
        source.setConnectRetryCount(0);
        source.setLoginTimeout((int) Math.max(1, connectTimeout.toSeconds()));
        if (databaseName != null) {
            source.setDatabaseName(databaseName);
        }
        return source;
    }

    ServerAddress address() {
        return SqlServerUrl.address(server.url());
    }

    String journalDatabase() {
        return server.journalDatabase();
    }

    /** Empty if the url names none. */
    String maintenanceDatabase() {
        return SqlServerUrl.database(server.url()).orElse("");
    }

    String username() {
        return server.username() == null ? "the worker's login" : server.username();
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    /** A pooled connection to the maintenance database, with {@link #QUERY_TIMEOUT} for each answer. */
    Connection getForQuery() throws SQLException {
        return limited(maintenance.get());
    }

    /** A pooled connection to the journal's database, which must exist, with {@link #QUERY_TIMEOUT} for each answer. */
    Connection getJournal() throws SQLException {
        return limited(journal.get());
    }

    /** A new connection to the named database, not pooled, with {@link #QUERY_TIMEOUT} for each answer. */
    Connection open(@Nullable String databaseName) throws SQLException {
        return limited(source(databaseName).getConnection());
    }

    private static Connection limited(Connection connection) throws SQLException {
        try {
            limit(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Lets no answer on a connection take longer than {@link #QUERY_TIMEOUT}. */
    static void limit(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, (int) QUERY_TIMEOUT.toMillis());
    }

    /** Lets a statement on a connection take as long as it takes. */
    static void lift(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, 0);
    }

    /** Ends a pooled connection to the journal's database instead of giving it back. */
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
