package io.instanceworker.demo;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The PostgreSQL server as its administrator sees it: prepares the templates, and looks at what the worker made. */
final class Databases {

    static final String MINIMAL = "EdFi_Ods_Minimal_Template";
    static final String POPULATED = "EdFi_Ods_Populated_Template";

    /** The role by which an Ed-Fi ODS API comes to the instances. */
    private static final String API_ROLE = "edfi_ods_api";

    private static final String WORKER_ROLE = "instance_worker";

    private static final String GRANTS = """
            SELECT format('%s %s', CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END,
                          g.privilege_type)
            FROM pg_database d, aclexplode(d.datacl) g WHERE d.datname = ? AND g.grantee <> d.datdba ORDER BY 1
            """;

    private static final Duration LOGOUT = Duration.ofSeconds(30);

    private final PostgresServer server;
    private final Login worker;
    private final Map<String, Contents> templates = new HashMap<>();

    private Databases(PostgresServer server, Login worker) {
        this.server = server;
        this.worker = worker;
    }

    /** On a server of our own, which needs no tidying. */
    static Databases prepare(PostgresServer server) throws SQLException {
        server.execute("CREATE ROLE " + API_ROLE + " NOLOGIN");
        Databases databases = new Databases(server, server.createRole(WORKER_ROLE));
        databases.createTemplate(MINIMAL, "ods-structure.sql", "ods-minimal.sql");
        databases.createTemplate(POPULATED, "ods-structure.sql", "ods-minimal.sql", "ods-populated.sql");
        return databases;
    }

    private void createTemplate(String name, String... scripts) throws SQLException {
        server.execute("CREATE DATABASE \"" + name + "\"");
        for (String script : scripts) {
            change(name, read(script));
        }
        server.execute("REVOKE ALL ON DATABASE \"" + name + "\" FROM PUBLIC");
        server.execute("GRANT CONNECT ON DATABASE \"" + name + "\" TO " + API_ROLE);
        templates.put(name, contents(name));
        // As Ed-Fi's own images have it: nobody can be connected to a template and hold up its copies.
        server.execute("ALTER DATABASE \"" + name + "\" IS_TEMPLATE true ALLOW_CONNECTIONS false");
    }

    private static String read(String script) {
        try (InputStream file = Databases.class.getResourceAsStream("/demo/" + script)) {
            return new String(Objects.requireNonNull(file, script).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    PostgresServer server() {
        return server;
    }

    /** It may create databases and has no other rights. */
    Login worker() {
        return worker;
    }

    void change(String database, String sql) throws SQLException {
        try (Connection connection = server.connect(database, server.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        awaitLogout(database);
    }

    Contents contents(String database) throws SQLException {
        Contents template = templates.get(database);
        if (template != null) {
            return template;
        }
        Contents contents;
        try (Connection connection = server.connect(database, server.superuser())) {
            contents = Contents.of(connection);
        }
        awaitLogout(database);
        return contents;
    }

    /** The server ends a session a little after its client; until then it is one that no job may end. */
    private void awaitLogout(String database) throws SQLException {
        long limit = System.nanoTime() + LOGOUT.toNanos();
        while (!list(
                        "SELECT pid::text FROM pg_stat_activity WHERE datname = ? AND backend_type = 'client backend'",
                        database)
                .isEmpty()) {
            if (System.nanoTime() > limit) {
                throw new IllegalStateException("Somebody else is connected to " + database);
            }
        }
    }

    boolean exists(String database) throws SQLException {
        return !list("SELECT datname FROM pg_database WHERE datname = ?", database)
                .isEmpty();
    }

    /** Of the server's own, the worker's own and the templates none. */
    List<String> instances() throws SQLException {
        return list("""
                SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', ?)
                ORDER BY datname::text COLLATE "C"
                """, "instance_worker");
    }

    String owner(String database) throws SQLException {
        return String.join("", list("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = ?", database));
    }

    long size(String database) throws SQLException {
        return Long.parseLong(list("SELECT pg_database_size(?)", database).get(0));
    }

    /** What roles other than the owner may do with the database. */
    List<String> grants(String database) throws SQLException {
        return list(GRANTS, database);
    }

    private List<String> list(String query, String parameter) throws SQLException {
        try (Connection connection = server.connect("postgres", server.superuser());
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, parameter);
            try (ResultSet row = statement.executeQuery()) {
                List<String> values = new ArrayList<>();
                while (row.next()) {
                    values.add(row.getString(1));
                }
                return values;
            }
        }
    }
}
