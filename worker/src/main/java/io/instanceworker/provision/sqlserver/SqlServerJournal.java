package io.instanceworker.provision.sqlserver;

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
import java.sql.SQLException;
import java.time.Duration;

/** The journal's database, made where it is absent. */
final class SqlServerJournal implements JournalStore {

    static final String DDL = read("/io/instanceworker/journal/sqlserver.sql");

    static final String CLOCK = "SYSDATETIMEOFFSET()";

    /** In two steps, because {@code DATEADD} takes an {@code int}, and 25 days are more milliseconds than that. */
    static final String MILLIS_AGO = "(SELECT DATEADD(millisecond, -CAST(m.v % 1000 AS int),"
            + " DATEADD(second, -CAST(m.v / 1000 AS int), SYSDATETIMEOFFSET())) FROM (SELECT CAST(? AS bigint) AS v) m)";

    /** Workers that start at once make the tables one after the other. */
    private static final String DDL_LOCK = "instance-worker journal";

    private static final int DDL_LOCK_MILLIS = 30_000;

    private final SqlServerConnections connections;
    private final HostingForms forms;
    private final String owner;
    private volatile boolean ready;

    /** @param owner identifies the sessions of this worker process */
    SqlServerJournal(SqlServerConnections connections, HostingForms forms, String owner) {
        this.connections = connections;
        this.forms = forms;
        this.owner = owner;
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
            if (SqlServerErrors.number(e) == SqlServerErrors.CANNOT_OPEN_DATABASE) {
                throw SqlServerErrors.exception(
                        ErrorCode.INSTANCE_NOT_FOUND,
                        "The journal cannot be read: there is no database \"" + connections.journalDatabase()
                                + "\", or the login may not use it. A worker creates it for its first job.",
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
        createDatabase();
        try (Connection connection = openCreated()) {
            createTables(connection);
        }
        connections.renewJournal();
        ready = true;
    }

    private void createDatabase() throws SQLException {
        String name = connections.journalDatabase();
        SqlServerNames.check(name);
        try (Connection connection = connections.open(null)) {
            HostingForm form = forms.of(connection);
            if (SqlServerCatalog.exists(connection, name)) {
                return;
            }
            try {
                SqlServerConnections.lift(connection);
                SqlServerLock.execute(connection, form.create(name));
            } catch (SQLException e) {
                if (SqlServerErrors.number(e) == SqlServerErrors.NO_CREATE_DATABASE) {
                    throw refused(form, "may not create the database " + TSql.name(name) + " for its journal", e);
                }
                // Another worker was faster.
                if (SqlServerErrors.number(e) != SqlServerErrors.DATABASE_EXISTS) {
                    throw e;
                }
            }
        }
    }

    private Connection openCreated() throws SQLException {
        try {
            return connections.open(connections.journalDatabase());
        } catch (SQLException e) {
            if (SqlServerErrors.number(e) == SqlServerErrors.CANNOT_OPEN_DATABASE) {
                refuseIfClosed(e);
            }
            throw e;
        }
    }

    /** After a start of the server a database may take a while to be online. */
    private void refuseIfClosed(SQLException e) throws SQLException {
        try (Connection connection = connections.open(null)) {
            String name = connections.journalDatabase();
            HostingForm form = forms.of(connection);
            if (form.catalog().status(connection, name).state() == InstanceState.ONLINE
                    && !form.catalog().mayConnect(connection, name)) {
                throw refused(form, "may not open its journal's database " + TSql.name(name), e);
            }
        }
    }

    private void createTables(Connection connection) throws SQLException {
        if (!SqlServerLock.takeExclusive(connection, DDL_LOCK, DDL_LOCK_MILLIS)) {
            throw new ProvisioningException(
                    ErrorCode.TIMEOUT, "Another worker is making the journal's tables, and is not done yet.");
        }
        // The lock ends with the session.
        try {
            SqlServerLock.execute(connection, DDL);
        } catch (SQLException e) {
            if (SqlServerErrors.code(e) == ErrorCode.INSUFFICIENT_PRIVILEGE) {
                throw refused(
                        forms.of(connection),
                        "may not make the journal's tables in the database " + TSql.name(connections.journalDatabase()),
                        e);
            }
            throw e;
        }
    }

    private ProvisioningException refused(HostingForm form, String what, SQLException e) {
        return SqlServerErrors.exception(
                ErrorCode.INSUFFICIENT_PRIVILEGE,
                "The worker's login " + what + ". An administrator has to run: "
                        + form.createFor(connections.journalDatabase(), connections.username()),
                e);
    }

    @Override
    public Connection sessionOf(InstanceLock lock) {
        return ((SqlServerLock) lock).journalSession();
    }

    /** SQL Server renames no database in a transaction. */
    @Override
    public boolean commitsEndWithName() {
        return false;
    }

    @Override
    public String clock() {
        return CLOCK;
    }

    @Override
    public String millisAgo() {
        return MILLIS_AGO;
    }

    @Override
    public ProvisioningException translate(String doing, SQLException e) {
        int number = SqlServerErrors.number(e);
        if (number == SqlServerErrors.CANNOT_OPEN_DATABASE) {
            // It may have been dropped, or be starting; the next use looks.
            ready = false;
        }
        if (number == SqlServerErrors.NO_SUCH_OBJECT || number == SqlServerErrors.NO_SUCH_DATABASE) {
            ready = false;
            return SqlServerErrors.exception(
                    ErrorCode.INTERNAL_ERROR,
                    doing + " failed: the worker's journal, the table job_run in the database \""
                            + connections.journalDatabase()
                            + "\", was dropped. The worker makes it again and tries the job again.",
                    e);
        }
        return SqlServerErrors.translate(doing, e);
    }

    @Override
    public String owner() {
        return owner;
    }

    /**
     * Ends nothing: SQL Server itself ends the session of a worker that has disconnected, also in the middle of a RESTORE. Until
     * it has noticed, the job waits.
     */
    @Override
    public boolean endOrphan(String databaseName, Duration patience) {
        return false;
    }

    private static String read(String resource) {
        try (InputStream in = SqlServerJournal.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("The jar lacks " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
