package io.instanceworker.provision.sqlserver;

import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.provision.JournalFixture;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/** A server for the tests of the engine: the fake or a real one. What it does to the server, it does through the driver. */
final class SqlServerFixture implements JournalFixture {

    private static final AtomicInteger FIXTURES = new AtomicInteger();

    private final TestServer server;
    private final String journalDatabase;
    private final Set<String> foreign;
    private final InstanceProvisioner provisioner;

    SqlServerFixture(TestServer server) {
        this.server = server;
        this.journalDatabase = "journal_" + ProcessHandle.current().pid() + "_" + FIXTURES.incrementAndGet();
        this.foreign = all();
        this.provisioner = provisioner(Map.of("connect-timeout-seconds", "5"));
    }

    /** Another provisioner on the same server, with settings of its own beside those that the server needs. */
    InstanceProvisioner provisioner(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(server.properties());
        all.putAll(properties);
        return provisionerWith(all);
    }

    /** Another provisioner on the same server, with these settings and no others. */
    InstanceProvisioner provisionerWith(Map<String, String> properties) {
        return new SqlServerProvisionerFactory().create(definition(properties));
    }

    /** Another provisioner on the same server, which looks at the progress of its statements more often. */
    InstanceProvisioner provisioner(Duration watchPause) {
        return new SqlServerProvisionerFactory().create(definition(server.properties()), watchPause);
    }

    private ServerDefinition definition(Map<String, String> properties) {
        return new ServerDefinition(
                "fixture",
                "sqlserver",
                server.url(),
                server.username(),
                new Secret(server.password()),
                journalDatabase,
                new Concurrency(4, 4),
                properties);
    }

    @Override
    public InstanceProvisioner provisioner() {
        return provisioner;
    }

    String journalDatabase() {
        return journalDatabase;
    }

    Connection session(String databaseName) throws SQLException {
        SQLServerDataSource source = new SQLServerDataSource();
        source.setURL(server.url());
        source.setDatabaseName(databaseName);
        return source.getConnection(server.username(), server.password());
    }

    void run(String databaseName, String sql) {
        try (Connection connection = session(databaseName);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The first column of a query's rows. */
    List<String> query(String databaseName, String sql) {
        try (Connection connection = session(databaseName);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (row.next()) {
                values.add(row.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void makeDatabase(String databaseName, List<String> rows) {
        run("master", TSql.create(databaseName));
        rows.forEach(row -> addRow(databaseName, row));
    }

    @Override
    public void makeTemplate(String databaseName, List<String> rows) {
        makeDatabase(databaseName, rows);
    }

    @Override
    public boolean hasTrash() {
        return server.hasTrash();
    }

    @Override
    public List<String> rows(String databaseName) {
        return query(databaseName, "SELECT name FROM dbo.district ORDER BY id");
    }

    @Override
    public void addRow(String databaseName, String row) {
        run(
                databaseName,
                "IF OBJECT_ID(N'dbo.district', N'U') IS NULL"
                        + " CREATE TABLE dbo.district (id int IDENTITY PRIMARY KEY, name nvarchar(400) NOT NULL)");
        insert(databaseName, "INSERT INTO dbo.district (name) VALUES (?)", row);
    }

    private void insert(String databaseName, String sql, String... values) {
        try (Connection connection = session(databaseName);
                PreparedStatement insert = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                insert.setString(i + 1, values[i]);
            }
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** A server does not lie about when it made a database, so the age is that of the backup's row. */
    @Override
    public String leave(String databaseName, Duration age) {
        String name = SqlServerNames.staging(databaseName, "a-job-" + age, InstanceState.BUILDING);
        run("master", TSql.create(name));
        // The provisioner makes its tables when it is first used.
        provisioner.leftovers();
        insert(
                journalDatabase,
                "INSERT INTO dbo.backup_file (path, staging_name, created_at)" + " VALUES (?, ?, DATEADD(second, -"
                        + age.toSeconds() + ", SYSDATETIMEOFFSET()))",
                server.noFile(),
                name);
        return name;
    }

    @Override
    public Set<String> databases() {
        Set<String> databases = all();
        databases.removeAll(foreign);
        databases.remove(journalDatabase);
        return databases;
    }

    private Set<String> all() {
        return new TreeSet<>(query("master", "SELECT d.name FROM sys.databases d WHERE d.database_id > 4"));
    }

    @Override
    public InstanceProvisioner anotherProvisioner() {
        return provisioner(Map.of());
    }

    @Override
    public List<String> queryJournal(String sql) {
        return query(journalDatabase, sql);
    }

    @Override
    public void changeJournal(String sql) {
        run(journalDatabase, sql);
    }

    private String drop(String database) {
        if (!server.isManagedInstance()) {
            return server.drop(database);
        }
        List<Integer> sessions = query(
                        "master",
                        "SELECT s.session_id FROM sys.dm_exec_sessions s WHERE s.database_id = DB_ID("
                                + TSql.text(database) + ")")
                .stream()
                .map(Integer::valueOf)
                .toList();
        return TSql.dropEndingSessions(database, sessions);
    }

    @Override
    public void close() {
        Set<String> ours = all();
        ours.removeAll(foreign);
        ours.forEach(database -> run("master", drop(database)));
        server.close();
    }
}
