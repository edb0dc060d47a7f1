package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds out what on a server is not as the worker needs it, beside the login and the templates. Changes nothing. */
final class SqlServerDiagnosis {

    private static final Pattern MAJOR_VERSION = Pattern.compile("(\\d+)\\..*");
    private static final int SQL_SERVER_2019 = 15;
    private static final int SQL_SERVER_2022 = 16;

    /** A table in the DDL: its name and its columns. */
    private static final Pattern TABLE =
            Pattern.compile("CREATE TABLE dbo\\.(\\w+) \\((.+?)\n    \\);", Pattern.DOTALL);

    /** The line of a column in the DDL: its name and the rest of its definition. */
    private static final Pattern COLUMN = Pattern.compile("(?m)^        ([a-z_0-9]+) +([^\n]+?),?$");

    private static final List<String> WITHOUT_UPDATE = List.of("SELECT", "INSERT", "DELETE");
    private static final List<String> ALL_RIGHTS = List.of("SELECT", "INSERT", "UPDATE", "DELETE");

    private final SqlServerConnections connections;
    private final HostingForms forms;
    private final List<Finding> found = new ArrayList<>();

    SqlServerDiagnosis(SqlServerConnections connections, HostingForms forms) {
        this.connections = connections;
        this.forms = forms;
    }

    List<Finding> of(Connection connection) throws SQLException {
        ServerFacts facts = forms.facts(connection);
        checkVersion(facts);
        Instant before = Instant.now();
        Instant server = query(connection, TSql.CLOCK, OffsetDateTime.class).toInstant();
        found.add(Finding.ofClock(server, before, Instant.now()));
        boolean isAzure = facts.hosting() == ServerFacts.Hosting.AZURE_SQL_DATABASE;
        boolean mayCreate = query(connection, isAzure ? TSql.AZURE_MAY_CREATE : TSql.MAY_CREATE, Integer.class) == 1;
        if (!mayCreate) {
            found.add(Finding.error(
                    "rights",
                    "The login " + connections.username() + " may not create databases.",
                    grantCreate(facts.hosting())));
        }
        checkJournal(connection, mayCreate);
        return found;
    }

    /** As in {@code deploy/rights}. */
    private String grantCreate(ServerFacts.Hosting hosting) {
        return switch (hosting) {
            case AZURE_SQL_DATABASE ->
                "in master: CREATE USER " + login() + " FOR LOGIN " + login() + "; ALTER ROLE dbmanager ADD MEMBER "
                        + login() + ";";
            case AMAZON_RDS -> "in master: GRANT CREATE ANY DATABASE TO " + login() + ";";
            default -> "ALTER SERVER ROLE dbcreator ADD MEMBER " + login() + ";";
        };
    }

    /** Not of Azure's services, which update themselves: Azure SQL Database always says that it is version 12. */
    private void checkVersion(ServerFacts facts) {
        Matcher parts = MAJOR_VERSION.matcher(facts.version());
        if (facts.hosting() == ServerFacts.Hosting.AZURE_SQL_DATABASE
                || facts.hosting() == ServerFacts.Hosting.AZURE_MANAGED_INSTANCE
                || !parts.matches()) {
            return;
        }
        int version = Integer.parseInt(parts.group(1));
        if (version < SQL_SERVER_2019) {
            found.add(Finding.error(
                    "version",
                    "SQL Server " + facts.version() + " is too old.",
                    "upgrade the server to SQL Server 2019 or 2022"));
        } else if (version > SQL_SERVER_2022) {
            found.add(Finding.note(
                    "version",
                    "SQL Server " + facts.version() + " is newer than 2022, for which the worker was made last."));
        }
    }

    private void checkJournal(Connection server, boolean mayCreate) throws SQLException {
        String name = connections.journalDatabase();
        if (SqlServerCatalog.exists(server, name)) {
            try (Connection journal = connections.open(name)) {
                checkTables(journal, name);
            } catch (SQLException e) {
                if (SqlServerErrors.number(e) != SqlServerErrors.CANNOT_OPEN_DATABASE) {
                    throw e;
                }
                found.add(Finding.error(
                        "journal",
                        "The login may not open the database " + name + ", or it is not online.",
                        "see that the database is online; if it is, in it: CREATE USER " + login() + " FOR LOGIN "
                                + login() + "; " + membership()));
            }
        } else if (mayCreate) {
            found.add(Finding.ok("journal", "The worker will create the database " + name + "."));
        } else {
            found.add(Finding.error(
                    "journal",
                    "There is no database " + name + ", and the login may not create it.",
                    forms.of(server).createFor(name, connections.username())));
        }
    }

    private String login() {
        return TSql.name(connections.username());
    }

    private String membership() {
        return "ALTER ROLE db_owner ADD MEMBER " + login() + ";";
    }

    private void checkTables(Connection journal, String name) throws SQLException {
        int before = found.size();
        List<String> absent = new ArrayList<>();
        for (MatchResult table : TABLE.matcher(SqlServerJournal.DDL).results().toList()) {
            List<String> refused = refused(journal, table.group(1));
            if (refused == null) {
                absent.add(table.group(1));
            } else if (refused.isEmpty()) {
                checkColumns(journal, name, table);
            } else {
                found.add(Finding.error(
                        "journal",
                        "The login " + connections.username() + " lacks rights on the table " + table.group(1)
                                + " in the database " + name + ": " + String.join(", ", refused) + ".",
                        "in the database " + name + ": GRANT " + String.join(", ", refused) + " ON dbo."
                                + table.group(1) + " TO " + login() + ";"));
            }
        }
        String tables = String.join(", ", absent);
        if (!absent.isEmpty() && query(journal, TSql.MAY_CREATE_TABLE, Integer.class) == 0) {
            found.add(Finding.error(
                    "journal",
                    "The database " + name + " lacks tables, which the login may not create: " + tables + ".",
                    "in the database " + name + ": " + membership()));
        } else if (!absent.isEmpty()) {
            found.add(Finding.ok(
                    "journal", "The worker will create tables in the database " + name + ": " + tables + "."));
        } else if (found.size() == before) {
            found.add(Finding.ok("journal", "The tables of the journal are in the database " + name + "."));
        }
    }

    /** The rights that the login lacks; null if there is no table. */
    private static @Nullable List<String> refused(Connection journal, String table) throws SQLException {
        List<String> refused = new ArrayList<>();
        for (String right : table.equals("template_backup") ? WITHOUT_UPDATE : ALL_RIGHTS) {
            try (PreparedStatement statement = journal.prepareStatement(TSql.TABLE_RIGHT)) {
                statement.setString(1, "dbo." + table);
                statement.setString(2, right);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    Integer granted = row.getObject(1, Integer.class);
                    if (granted == null) {
                        return null;
                    }
                    if (granted == 0) {
                        refused.add(right);
                    }
                }
            }
        }
        return refused;
    }

    private void checkColumns(Connection journal, String name, MatchResult table) throws SQLException {
        Set<String> present = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        try (Statement statement = journal.createStatement();
                ResultSet none = statement.executeQuery(TSql.columns(table.group(1)))) {
            ResultSetMetaData columns = none.getMetaData();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                present.add(columns.getColumnName(i));
            }
        }
        COLUMN.matcher(table.group(2))
                .results()
                .filter(column -> !present.contains(column.group(1)))
                .forEach(column -> found.add(Finding.error(
                        "journal",
                        "The table " + table.group(1) + " has no column " + column.group(1)
                                + ", because another version made it.",
                        "in the database " + name + ": ALTER TABLE dbo." + table.group(1) + " ADD " + column.group(1)
                                + " " + column.group(2) + ";")));
    }

    private static <T> T query(Connection connection, String sql, Class<T> type) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getObject(1, type);
        }
    }
}
