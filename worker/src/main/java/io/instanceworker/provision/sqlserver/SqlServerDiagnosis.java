package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.Finding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** Finds out what on a server is not as the worker needs it, beside the login and the templates. Changes nothing. */
final class SqlServerDiagnosis {

    private SqlServerDiagnosis() {}

    static List<Finding> of(Connection connection, SqlServerConnections connections, HostingForms forms)
            throws SQLException {
        List<Finding> found = new ArrayList<>();
        Instant before = Instant.now();
        Instant server = query(connection, TSql.CLOCK, OffsetDateTime.class).toInstant();
        found.add(Finding.ofClock(server, before, Instant.now()));
        boolean mayCreate = forms.facts(connection).hosting() == ServerFacts.Hosting.AZURE_SQL_DATABASE
                || query(connection, TSql.MAY_CREATE, Integer.class) == 1;
        if (!mayCreate) {
            found.add(Finding.error(
                    "rights",
                    "The login " + connections.username() + " may not create databases.",
                    "ALTER SERVER ROLE dbcreator ADD MEMBER " + TSql.name(connections.username()) + ";"));
        }
        String journal = connections.journalDatabase();
        if (SqlServerCatalog.exists(connection, journal)) {
            found.add(Finding.ok("journal", "The database " + journal + " is there."));
        } else if (mayCreate) {
            found.add(Finding.ok("journal", "The worker will create the database " + journal + "."));
        } else {
            found.add(Finding.error(
                    "journal",
                    "There is no database " + journal + ", and the login may not create it.",
                    forms.of(connection).createFor(journal, connections.username())));
        }
        return found;
    }

    private static <T> T query(Connection connection, String sql, Class<T> type) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getObject(1, type);
        }
    }
}
