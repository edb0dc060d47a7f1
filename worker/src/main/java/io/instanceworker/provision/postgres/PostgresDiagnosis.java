package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.Finding;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.ServerAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;

/** Finds out what on a server is not as the worker needs it. Changes nothing. */
final class PostgresDiagnosis {

    private static final String SESSION = """
            SELECT pg_backend_pid() AS pid, pg_is_in_recovery() AS standby, r.rolcreatedb OR r.rolsuper AS may_create,
                   current_user AS login, clock_timestamp() AS now
            FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
            """;

    private static final String TEMPLATE = """
            SELECT d.datistemplate, d.datconnlimit = -2 AS invalid,
                   (SELECT count(*) FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) AS sessions
            FROM pg_catalog.pg_database d WHERE d.datname = ?
            """;

    private static final String COLUMNS = """
            SELECT attname FROM pg_catalog.pg_attribute
            WHERE attrelid = to_regclass('public.job_run') AND attnum > 0 AND NOT attisdropped
            """;

    /** A line of the table's DDL: the column's name and the rest of its definition. */
    private static final Pattern COLUMN = Pattern.compile("(?m)^    ([a-z_0-9]+) +([^\n]+?),?$");

    private final PostgresConnections connections;
    private final PostgresJournal journal;
    private final List<Finding> found = new ArrayList<>();

    PostgresDiagnosis(PostgresConnections connections, PostgresJournal journal) {
        this.connections = connections;
        this.journal = journal;
    }

    List<Finding> of(Collection<String> templateDatabases) {
        try (Connection connection = connections.open(null)) {
            checkVersion(connection);
            boolean mayCreate = checkSession(connection);
            checkTemplates(connection, templateDatabases);
            checkJournal(mayCreate);
        } catch (SQLException e) {
            found.add(unusable(e));
        }
        return found;
    }

    private Finding unusable(SQLException e) {
        ServerAddress address = connections.address();
        String state = String.valueOf(e.getSQLState());
        String said = PostgresErrors.said(e);
        String login = Sql.identifier(connections.username());
        if (state.equals(PostgresErrors.UNDEFINED_DATABASE)) {
            return Finding.error(
                    "login", "The maintenance database in url is absent." + said, "url: end it with /postgres");
        }
        if (PostgresErrors.code(e) == ErrorCode.AUTHENTICATION_FAILED) {
            return Finding.error(
                    "login",
                    "The server refused the login " + login + "." + said,
                    "username and password, or on the server: CREATE ROLE " + login + " LOGIN CREATEDB; \\password "
                            + login + "; and a line for it in pg_hba.conf");
        }
        if (state.startsWith("08") || state.startsWith("57")) {
            return Finding.error(
                    "login",
                    "The server cannot be reached at " + address.host() + ":" + address.port() + "." + said,
                    "url, or start the server and open the way to it");
        }
        return Finding.error("login", "The server cannot be used." + said, null);
    }

    private void checkVersion(Connection connection) throws SQLException {
        String version = "PostgreSQL " + connection.getMetaData().getDatabaseProductVersion();
        found.add(
                connection.getMetaData().getDatabaseMajorVersion() < PostgresLock.OLDEST_VERSION
                        ? Finding.error(
                                "version",
                                version + " is too old.",
                                "upgrade the server to " + PostgresLock.OLDEST_VERSION + " or later")
                        : Finding.ok("version", version));
    }

    /** @return whether the login may create databases */
    private boolean checkSession(Connection connection) throws SQLException {
        Instant before = Instant.now();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SESSION)) {
            row.next();
            Instant after = Instant.now();
            String login = Sql.identifier(row.getString("login"));
            boolean mayCreate = row.getBoolean("may_create");
            found.add(
                    mayCreate
                            ? Finding.ok("login", "Logged in as " + login + ", which may create databases.")
                            : Finding.error(
                                    "login",
                                    "The login " + login + " may not create databases.",
                                    "ALTER ROLE " + login + " CREATEDB;"));
            if (row.getInt("pid") != connection.unwrap(PGConnection.class).getBackendPID()) {
                found.add(Finding.error(
                        "pooler",
                        "The url leads to a connection pooler, which loses the locks of the worker.",
                        "url: the address of the server itself"));
            }
            if (row.getBoolean("standby")) {
                found.add(Finding.error(
                        "standby",
                        "The server is a standby, which can only be read.",
                        "url: the address of the primary server"));
            }
            found.add(Finding.ofClock(row.getObject("now", OffsetDateTime.class).toInstant(), before, after));
            return mayCreate;
        }
    }

    private void checkTemplates(Connection connection, Collection<String> templates) throws SQLException {
        Map<String, String> unusable =
                PostgresDescription.of(connection, templates).unusableTemplates();
        for (String template : new TreeSet<>(templates)) {
            found.add(
                    unusable.containsKey(template)
                            ? Finding.error("template", template + ": " + unusable.get(template) + ".", null)
                            : template(connection, template));
        }
    }

    private static Finding template(Connection connection, String template) throws SQLException {
        String name = Sql.identifier(template);
        try (PreparedStatement statement = connection.prepareStatement(TEMPLATE)) {
            statement.setString(1, template);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (row.getBoolean("invalid")) {
                    return Finding.error(
                            "template",
                            template + ": a DROP of it was interrupted, so that it cannot be used any more.",
                            "DROP DATABASE " + name + "; then restore it from its backup");
                }
                if (row.getInt("sessions") > 0) {
                    return Finding.warning(
                            "template",
                            template + ": " + row.getInt("sessions")
                                    + " sessions are connected to it. PostgreSQL copies it only while there are none.",
                            "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false; then end these sessions:"
                                    + " SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                                    + Sql.literal(template) + ";");
                }
                if (!row.getBoolean("datistemplate")) {
                    return Finding.warning(
                            "template",
                            template + ": can be copied, but is not marked as a template, so that a DROP DATABASE"
                                    + " removes it.",
                            "ALTER DATABASE " + name + " IS_TEMPLATE true;");
                }
            }
        }
        return Finding.ok("template", template + " can be copied.");
    }

    private void checkJournal(boolean mayCreate) throws SQLException {
        String name = connections.journalDatabase();
        try (Connection connection = connections.open(name);
                Statement statement = connection.createStatement()) {
            if (!journal.isPresent(statement)) {
                found.add(Finding.ok("journal", "The worker will create its table in the database " + name + "."));
                return;
            }
            checkColumns(statement);
        } catch (ProvisioningException e) {
            found.add(Finding.error("journal", String.valueOf(e.getMessage()), null));
        } catch (SQLException e) {
            if (!PostgresErrors.UNDEFINED_DATABASE.equals(e.getSQLState())) {
                found.add(Finding.error(
                        "journal",
                        String.valueOf(PostgresErrors.translate("Opening it", e).getMessage()),
                        null));
            } else if (mayCreate) {
                found.add(Finding.ok("journal", "The worker will create the database " + name + "."));
            } else {
                found.add(Finding.error(
                        "journal",
                        "There is no database " + name + ", and the login may not create it.",
                        "CREATE DATABASE " + Sql.identifier(name) + " OWNER " + Sql.identifier(connections.username())
                                + ";"));
            }
        }
    }

    private void checkColumns(Statement statement) throws SQLException {
        List<String> present = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(COLUMNS)) {
            while (row.next()) {
                present.add(row.getString(1));
            }
        }
        List<MatchResult> missing = COLUMN.matcher(PostgresJournal.DDL)
                .results()
                .filter(column -> !present.contains(column.group(1)))
                .toList();
        missing.forEach(column -> found.add(Finding.error(
                "journal",
                "The table job_run has no column " + column.group(1) + ", because another version made it.",
                "in the database " + connections.journalDatabase() + ": ALTER TABLE public.job_run ADD COLUMN "
                        + column.group(1) + " " + column.group(2) + ";")));
        if (missing.isEmpty()) {
            found.add(Finding.ok(
                    "journal", "The table job_run is in the database " + connections.journalDatabase() + "."));
        }
    }
}
