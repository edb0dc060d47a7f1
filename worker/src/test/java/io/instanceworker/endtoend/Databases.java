package io.instanceworker.endtoend;

import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The tests' own hands on the server: what an administrator sees and does there. */
final class Databases {

    /** The same number on every server. */
    private static final int DEFAULT_TABLESPACE = 1663;

    private final PostgresServer server;
    private final Login worker;

    Databases(PostgresServer server, Login worker) {
        this.server = server;
        this.worker = worker;
    }

    /** What the server has logged; nothing where only its owner can read it. */
    String serverLog() {
        return server.canBeStopped() ? server.log() : "";
    }

    /** Makes a database that belongs to the worker's role, and runs statements in it. */
    void create(String name, String... statements) {
        asWorker("postgres", "CREATE DATABASE " + quote(name));
        for (String statement : statements) {
            asWorker(name, statement);
        }
    }

    /** A small template that is true to life: schema edfi, some tables, some rows. */
    void createTemplate(String name, int rows) {
        create(
                name,
                "CREATE SCHEMA edfi",
                "CREATE TABLE edfi.school (school_id int PRIMARY KEY, name text NOT NULL)",
                "INSERT INTO edfi.school SELECT i, 'School ' || i FROM generate_series(1, " + rows + ") i");
    }

    void asWorker(String database, String sql) {
        try (Connection connection = server.connect(database, worker);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Makes every copy of it fail in a way that nobody foresaw. */
    void damage(String name) {
        setTablespace(name, 999_999);
    }

    void repair(String name) {
        setTablespace(name, DEFAULT_TABLESPACE);
    }

    private void setTablespace(String name, int oid) {
        asSuperuser("UPDATE pg_database SET dattablespace = " + oid + " WHERE datname = " + literal(name));
    }

    void asSuperuser(String sql) {
        server.execute(sql);
    }

    /** A session that keeps the database in use until it is closed. */
    Connection session(String database, String applicationName) throws SQLException {
        Connection session = server.connect(database, worker);
        session.setClientInfo("ApplicationName", applicationName);
        return session;
    }

    Connection superuserSession(String database) throws SQLException {
        return server.connect(database, server.superuser());
    }

    /** The worker's own database. */
    String journal() {
        return "journal_of_" + worker.username();
    }

    /** Holds up every CREATE DATABASE from it until the session is closed, and is not connected to it. */
    Connection holdUpCopies(String source) throws SQLException {
        Connection session = superuserSession("postgres");
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            // Its lock on the database goes with logins, but not with a copy. Never committed.
            statement.execute("COMMENT ON DATABASE " + quote(source) + " IS NULL");
        }
        return session;
    }

    /** Holds the lock of a job for this database until the session is closed. */
    Connection lock(String name) throws SQLException {
        Connection session = session(journal(), "has the lock");
        try (Statement statement = session.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + lockKey(name) + ")");
        }
        return session;
    }

    /** By which the worker locks a database. */
    static long lockKey(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until the worker's role is in the middle of making a database, as it is with {@link #holdUpCopies}. */
    void awaitCreate() {
        Await.until(
                "a CREATE DATABASE of " + worker.username(), () -> !createPids().isEmpty());
    }

    /** The server processes in which the worker's role is making a database. */
    List<String> createPids() {
        return rows(
                "postgres",
                "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE DATABASE %' AND usename = "
                        + literal(worker.username()));
    }

    /** The server processes of the worker's role in the journal's database, where its locks are. */
    List<String> sessions() {
        return rows(
                "postgres",
                "SELECT pid FROM pg_stat_activity WHERE datname = " + literal(journal()) + " AND usename = "
                        + literal(worker.username()));
    }

    /** What the superuser reads, each row as its values with | between them. */
    List<String> rows(String database, String sql) {
        try (Connection connection = superuserSession(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    values.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join("|", values));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    String value(String sql) {
        return String.join("\n", rows("postgres", sql));
    }

    List<String> schools(String database) {
        return rows(database, "SELECT school_id, name FROM edfi.school ORDER BY school_id");
    }

    boolean exists(String name) {
        return !value("SELECT 1 FROM pg_database WHERE datname = " + literal(name))
                .isEmpty();
    }

    OwnershipMark mark(String name) {
        return OwnershipMark.parse(
                        value("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = "
                                + literal(name)))
                .orElse(null);
    }

    /** Half-made databases that belong to the worker's role. */
    List<String> staging() {
        return rows(
                "postgres",
                "SELECT datname FROM pg_database WHERE datname LIKE 'iw\\_staging\\_%' AND pg_get_userbyid(datdba) = "
                        + literal(worker.username()));
    }

    static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
