package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.JournalStore;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The journal's database, made where it is absent, and what is needed to take over the work of a crashed worker. */
final class PostgresJournal implements JournalStore {

    static final String DDL = read("/io/instanceworker/journal/postgresql.sql");

    /** Workers that start at once make the table one after the other. */
    private static final long DDL_LOCK = PostgresNames.lockKey("job_run");

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long ORPHAN_ENDS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final String RIGHTS = """
            SELECT pg_has_role(current_user, d.datdba, 'USAGE') AS owner, to_regclass('public.job_run') IS NOT NULL AS present,
                   coalesce((SELECT bool_and(has_table_privilege(to_regclass('public.job_run'), privilege))
                             FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) privilege
                             WHERE to_regclass('public.job_run') IS NOT NULL), false) AS granted,
                   current_user AS login, pg_get_userbyid(d.datdba) AS owner_name
            FROM pg_catalog.pg_database d WHERE d.datname = current_database()
            """;

    /** The session that holds the exclusive lock on a name and says that it creates a database. */
    private static final String CREATING = """
            SELECT a.pid, a.application_name
            FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock' AND l.objsubid = 1
              AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
              AND l.classid::bigint = ? AND l.objid::bigint = ?
              AND (a.application_name LIKE ? OR a.application_name LIKE ?)
            """;

    private final PostgresConnections connections;
    private final PostgresProbe probe;
    private final String owner;
    private volatile boolean ready;

    /** @param owner identifies the sessions of this worker process */
    PostgresJournal(PostgresConnections connections, PostgresProbe probe, String owner) {
        this.connections = connections;
        this.probe = probe;
        this.owner = owner;
    }

    /** Whether its database and table are known to be there. */
    boolean isReady() {
        return ready;
    }

    @Override
    public Connection connect() {
        try {
            return session();
        } catch (SQLException e) {
            throw translate("Opening the journal", e);
        }
    }

    @Override
    public Connection open() {
        try {
            return connections.open(connections.journalDatabase());
        } catch (SQLException e) {
            if (PostgresErrors.UNDEFINED_DATABASE.equals(e.getSQLState())) {
                throw PostgresErrors.exception(
                        ErrorCode.INSTANCE_NOT_FOUND,
                        "There is no journal yet: the server has no database \"" + connections.journalDatabase()
                                + "\". A worker creates it for its first job.",
                        e);
            }
            throw translate("Opening the journal", e);
        }
    }

    /** A pooled session in the journal's database. */
    Connection session() throws SQLException {
        if (!ready) {
            prepare();
        }
        return connections.getJournal();
    }

    private synchronized void prepare() throws SQLException {
        if (ready) {
            return;
        }
        try (Connection connection = openOrCreate()) {
            createTable(connection);
        }
        connections.renewJournal();
        probe.announce();
        ready = true;
    }

    private Connection openOrCreate() throws SQLException {
        try {
            return connections.open(connections.journalDatabase());
        } catch (SQLException e) {
            if (!PostgresErrors.UNDEFINED_DATABASE.equals(e.getSQLState())) {
                throw e;
            }
            createDatabase();
            return connections.open(connections.journalDatabase());
        }
    }

    private void createDatabase() throws SQLException {
        String name = connections.journalDatabase();
        PostgresNames.check(name);
        try (Connection connection = connections.open(null);
                Statement statement = connection.createStatement()) {
            statement.execute(PostgresConnections.NO_TIMEOUTS);
            // It has texts of jobs, which may have any character, whatever the server's own encoding is.
            statement.execute("CREATE DATABASE " + Sql.identifier(name)
                    + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.equals(PostgresErrors.INSUFFICIENT_PRIVILEGE)) {
                throw refused(
                        "The worker's login may not create the database \"" + name + "\" for its journal.",
                        ": CREATE DATABASE " + Sql.identifier(name) + " OWNER "
                                + Sql.identifier(connections.username()),
                        e);
            }
            // Another worker was faster.
            if (!state.equals(PostgresErrors.UNIQUE_VIOLATION) && !state.equals(PostgresErrors.DUPLICATE_DATABASE)) {
                throw e;
            }
        }
    }

    private void createTable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!isPresent(statement)) {
                statement.execute("BEGIN; SET LOCAL search_path TO public; SELECT pg_advisory_xact_lock(" + DDL_LOCK
                        + "); " + Sql.revokeAll(connections.journalDatabase(), null) + "; " + DDL + " COMMIT");
            }
        }
    }

    /**
     * @return whether the table is there
     * @throws ProvisioningException if the login may not use it, or may not create it where it is absent
     */
    boolean isPresent(Statement inJournal) throws SQLException {
        try (ResultSet row = inJournal.executeQuery(RIGHTS)) {
            row.next();
            boolean present = row.getBoolean("present");
            String database = Sql.identifier(connections.journalDatabase());
            String login = Sql.identifier(row.getString("login"));
            if (present && !row.getBoolean("granted")) {
                throw refused(
                        "The worker's login may not read and write the table job_run in its journal's database "
                                + database + ".",
                        " in the database " + database + ": GRANT SELECT, INSERT, UPDATE, DELETE ON public.job_run TO "
                                + login,
                        null);
            }
            if (!present && !row.getBoolean("owner")) {
                throw refused(
                        "The database " + database + " is meant for the worker's journal, but belongs to "
                                + Sql.identifier(row.getString("owner_name"))
                                + ". Set journal-database to another name, or give this one to the worker's login.",
                        ": ALTER DATABASE " + database + " OWNER TO " + login,
                        null);
            }
            return present;
        }
    }

    /** @param statement to be run as it is, after a comment that says in which database */
    private static ProvisioningException refused(String what, String statement, @Nullable SQLException e) {
        return new ProvisioningException(
                ErrorCode.INSUFFICIENT_PRIVILEGE,
                what + " An administrator has to run" + statement + ";",
                e == null ? PostgresErrors.INSUFFICIENT_PRIVILEGE : e.getSQLState(),
                null,
                e);
    }

    @Override
    public Connection sessionOf(InstanceLock lock) {
        return ((PostgresLock) lock).session();
    }

    @Override
    public void makeDurable(Connection session) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(PostgresConnections.DURABLE_COMMIT);
        }
    }

    @Override
    public String clock() {
        return "clock_timestamp()";
    }

    @Override
    public String millisAgo() {
        return "clock_timestamp() - ? * interval '1 millisecond'";
    }

    @Override
    public ProvisioningException translate(String doing, SQLException e) {
        String state = String.valueOf(PostgresErrors.stateOf(e));
        if (state.equals(PostgresErrors.UNDEFINED_TABLE) || state.equals(PostgresErrors.UNDEFINED_DATABASE)) {
            ready = false;
            return PostgresErrors.exception(
                    ErrorCode.INTERNAL_ERROR,
                    doing + " failed: the worker's journal, the table job_run in the database \""
                            + connections.journalDatabase()
                            + "\", was dropped. The worker makes it again and tries the job again.",
                    e);
        }
        return PostgresErrors.translate(doing, e);
    }

    @Override
    public String owner() {
        return owner;
    }

    @Override
    public boolean endOrphan(String databaseName, Duration patience) {
        long giveUp = System.nanoTime() + patience.toNanos();
        try (Connection connection = session()) {
            Orphan creating = creating(connection, databaseName).orElse(null);
            while (creating != null && isAlive(connection, creating.owner())) {
                if (System.nanoTime() >= giveUp) {
                    return false;
                }
                LockSupport.parkNanos(POLL_NANOS);
                creating = creating(connection, databaseName).orElse(null);
            }
            if (creating == null) {
                return false;
            }
            terminate(connection, creating.pid());
            return awaitEnd(connection, creating.pid());
        } catch (SQLException e) {
            throw translate("Ending the session of a crashed worker", e);
        }
    }

    /** A session that creates a database, and the worker that it does that for. */
    private record Orphan(int pid, String owner) {}

    /** Whether the worker is alive: it then holds its presence lock. */
    private boolean isAlive(Connection connection, String someOwner) throws SQLException {
        if (someOwner.equals(owner)) {
            return true;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT CASE WHEN pg_try_advisory_lock_shared(?) THEN NOT pg_advisory_unlock_shared(?) ELSE true END")) {
            statement.setLong(1, presenceKey(someOwner));
            statement.setLong(2, presenceKey(someOwner));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    static long presenceKey(String owner) {
        return PostgresNames.lockKey("worker " + owner);
    }

    private static Optional<Orphan> creating(Connection connection, String databaseName) throws SQLException {
        long key = PostgresNames.lockKey(databaseName);
        try (PreparedStatement statement = connection.prepareStatement(CREATING)) {
            statement.setLong(1, key >>> 32);
            statement.setLong(2, key & 0xFFFF_FFFFL);
            statement.setString(3, PostgresLock.creating(InstanceState.BUILDING, "%"));
            statement.setString(4, PostgresLock.creating(InstanceState.COPYING, "%"));
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Orphan(row.getInt(1), PostgresLock.ownerIn(row.getString(2))))
                        : Optional.empty();
            }
        }
    }

    private static void terminate(Connection connection, int pid) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_terminate_backend(?)")) {
            statement.setInt(1, pid);
            statement.execute();
        }
    }

    private static boolean awaitEnd(Connection connection, int pid) throws SQLException {
        long giveUp = System.nanoTime() + ORPHAN_ENDS_WITHIN_NANOS;
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT count(*) FROM pg_catalog.pg_locks WHERE pid = ?")) {
            statement.setInt(1, pid);
            while (System.nanoTime() < giveUp) {
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next() && row.getInt(1) == 0) {
                        return true;
                    }
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
            return false;
        }
    }

    private static String read(String resource) {
        try (InputStream in = PostgresJournal.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("The jar lacks " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
