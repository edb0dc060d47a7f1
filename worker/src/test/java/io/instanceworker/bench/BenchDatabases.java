package io.instanceworker.bench;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The databases of a server of ours: the templates, and the removal of what was made from them. */
final class BenchDatabases {

    /** How the name of every database begins that a measurement makes. */
    static final String MADE = "bench_db_";

    private static final List<String> STAY = List.of("postgres", "template0", "template1", Site.SMALL, Site.BIG);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Some 1.1 MB in 960 rows, each too short for PostgreSQL to compress it. */
    private static final String FILL =
            "INSERT INTO filler SELECT i, repeat(md5(i::text), 32) FROM generate_series(1, 960 * %d) i";

    private final PostgresServer server;
    private final Login login;

    BenchDatabases(PostgresServer server, Login login) {
        this.server = server;
        this.login = login;
    }

    void createSmallTemplate(String name) throws SQLException {
        server.execute("CREATE DATABASE \"" + name + "\" OWNER \"" + login.username() + "\"");
        execute(name, "CREATE TABLE school (id int PRIMARY KEY, name text NOT NULL)");
        execute(name, "INSERT INTO school SELECT i, 'School ' || i FROM generate_series(1, 100) i");
        server.execute("ALTER DATABASE \"" + name + "\" IS_TEMPLATE true ALLOW_CONNECTIONS false");
    }

    /** Nobody is connected to it when this returns, autovacuum neither, so that it can be copied at once. */
    void createBig(int megabytes) throws SQLException {
        server.execute("CREATE DATABASE \"" + Site.BIG + "\" OWNER \"" + login.username() + "\"");
        execute(Site.BIG, "CREATE TABLE filler (id int, text text) WITH (autovacuum_enabled = false)");
        execute(Site.BIG, FILL.formatted(megabytes));
        server.execute("ALTER DATABASE \"" + Site.BIG + "\" ALLOW_CONNECTIONS false");
        server.execute("CHECKPOINT");
    }

    double megabytes(String database) throws SQLException {
        return Long.parseLong(
                        query("SELECT pg_database_size('" + database + "')").get(0))
                / 1048576.0;
    }

    /** With data on disk, so that the next to be measured does not pay for what the one before wrote. */
    void settle() {
        server.execute("CHECKPOINT");
    }

    /** Removes what the measurements made, while workers may run. */
    void dropMade() throws SQLException {
        drop(name -> name.startsWith(MADE));
        settle();
    }

    /** Removes everything but the templates; no worker runs any more. */
    void dropAll() {
        Await.until("only the templates are left", LIMIT, () -> {
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + login.username()
                    + "'");
            try {
                drop(name -> !STAY.contains(name));
                return true;
            } catch (SQLException sessionStillEnding) {
                return false;
            }
        });
    }

    void dropBig() throws SQLException {
        drop(Site.BIG::equals);
    }

    private void drop(Predicate<String> which) throws SQLException {
        for (String name : query("SELECT datname FROM pg_database")) {
            if (which.test(name)) {
                execute("postgres", "DROP DATABASE IF EXISTS \"" + name + "\"");
            }
        }
    }

    /** The first column, asked as the superuser. */
    List<String> query(String sql) throws SQLException {
        try (Connection connection = server.connect("postgres", server.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (row.next()) {
                values.add(row.getString(1));
            }
            return values;
        }
    }

    private void execute(String database, String sql) throws SQLException {
        try (Connection connection = server.connect(database, server.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
