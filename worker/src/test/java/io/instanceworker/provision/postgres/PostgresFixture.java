package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.provision.JournalFixture;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.Servers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/** A real server of one version, and on it a role that can log in and create databases, and nothing else. */
final class PostgresFixture implements JournalFixture {

    private static final AtomicInteger BENCHES = new AtomicInteger();

    private static final String JOURNAL_PREFIX = "journal_of_";

    final PostgresServer server;
    final Login role;
    private final InstanceProvisioner provisioner;

    PostgresFixture(int major) {
        server = Servers.postgres(major);
        role = server.createRole("bench_" + ProcessHandle.current().pid() + "_" + BENCHES.incrementAndGet());
        provisioner = provisioner("postgres", Map.of(PostgresConnections.CONNECT_TIMEOUT_SECONDS, "5"));
    }

    /** Another provisioner on the same server, with settings of its own. */
    InstanceProvisioner provisioner(String maintenanceDatabase, Map<String, String> properties) {
        return new PostgresProvisionerFactory()
                .create(new ServerDefinition(
                        "bench",
                        "postgresql",
                        server.jdbcUrl(maintenanceDatabase),
                        role.username(),
                        new Secret(role.password()),
                        JOURNAL_PREFIX + role.username(),
                        new Concurrency(4, 4),
                        properties));
    }

    @Override
    public InstanceProvisioner provisioner() {
        return provisioner;
    }

    /** A session of the worker's own role on a database. */
    Connection session(String databaseName) throws SQLException {
        return server.connect(databaseName, role);
    }

    /** Runs a statement as the worker's role. */
    void run(String databaseName, String sql) {
        try (Connection connection = session(databaseName);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void makeDatabase(String databaseName, List<String> rows) {
        run("postgres", "CREATE DATABASE " + Sql.identifier(databaseName));
        run(databaseName, "CREATE TABLE district (id serial PRIMARY KEY, name text NOT NULL)");
        rows.forEach(row -> addRow(databaseName, row));
    }

    @Override
    public void makeTemplate(String databaseName, List<String> rows) {
        makeDatabase(databaseName, rows);
        run("postgres", "ALTER DATABASE " + Sql.identifier(databaseName) + " IS_TEMPLATE true");
    }

    @Override
    public List<String> rows(String databaseName) {
        return query(databaseName, "SELECT name FROM district ORDER BY id");
    }

    @Override
    public void addRow(String databaseName, String row) {
        run(databaseName, "CREATE TABLE IF NOT EXISTS district (id serial PRIMARY KEY, name text NOT NULL)");
        try (Connection connection = session(databaseName);
                PreparedStatement insert = connection.prepareStatement("INSERT INTO district (name) VALUES (?)")) {
            insert.setString(1, row);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
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

    /** As the superuser: one value about the server. */
    String queryAsSuperuser(String sql) {
        try (Connection connection = server.connect("postgres", server.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public String leave(String databaseName, Duration age) {
        Instant begunAt = Instant.ofEpochSecond(
                        Long.parseLong(queryAsSuperuser("SELECT floor(extract(epoch FROM now()))::bigint")))
                .minus(age);
        String name = PostgresNames.staging(databaseName, "a-job-" + age, InstanceState.BUILDING, begunAt);
        run("postgres", Sql.create(name, "template0"));
        return name;
    }

    /** But the server's own and the journal's. */
    @Override
    public Set<String> databases() {
        Set<String> databases = databasesAndJournal();
        databases.remove(journalDatabase());
        return databases;
    }

    String journalDatabase() {
        return JOURNAL_PREFIX + role.username();
    }

    Set<String> databasesAndJournal() {
        return new TreeSet<>(query(
                "postgres",
                "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')"));
    }

    @Override
    public InstanceProvisioner anotherProvisioner() {
        return provisioner("postgres", Map.of());
    }

    @Override
    public List<String> queryJournal(String sql) {
        return query(journalDatabase(), sql);
    }

    @Override
    public void changeJournal(String sql) {
        run(journalDatabase(), sql);
    }

    @Override
    public void close() {
        for (String database : databasesAndJournal()) {
            server.execute("ALTER DATABASE " + Sql.identifier(database) + " IS_TEMPLATE false");
            server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = " + Sql.literal(database));
            server.execute("DROP DATABASE " + Sql.identifier(database));
        }
        server.execute("DROP ROLE " + Sql.identifier(role.username()));
    }
}
