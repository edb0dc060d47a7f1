package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.provision.ServerDescription;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Finds out which version a server has, and which templates the worker's role could not copy from. */
final class PostgresDescription {

    /** CREATE DATABASE copies what is marked as a template, and for its owner's role any database. */
    private static final String TEMPLATES = """
            SELECT t.name, d.oid IS NOT NULL AS present, pg_get_userbyid(d.datdba) AS owner,
                   d.datistemplate OR pg_has_role(current_user, d.datdba, 'USAGE') AS may_copy
            FROM unnest(?) AS t(name) LEFT JOIN pg_catalog.pg_database d ON d.datname = t.name
            """;

    private PostgresDescription() {}

    static ServerDescription of(Connection connection, Collection<String> templateDatabases) throws SQLException {
        Map<String, String> unusable = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(TEMPLATES)) {
            statement.setArray(1, connection.createArrayOf("text", templateDatabases.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = row.getString("name");
                    String quoted = Sql.identifier(name);
                    if (!row.getBoolean("present")) {
                        unusable.put(
                                name,
                                "there is no database " + quoted
                                        + ". Restore it under that name, then run: ALTER DATABASE " + quoted
                                        + " IS_TEMPLATE true");
                    } else if (!row.getBoolean("may_copy")) {
                        unusable.put(
                                name,
                                "the worker's login may not copy it. Its owner " + row.getString("owner")
                                        + " or a superuser has to run: ALTER DATABASE " + quoted + " IS_TEMPLATE true");
                    }
                }
            }
        }
        return new ServerDescription("PostgreSQL " + connection.getMetaData().getDatabaseProductVersion(), unusable);
    }
}
