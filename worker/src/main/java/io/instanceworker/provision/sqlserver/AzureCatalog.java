package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The catalog of an Azure SQL Database server: {@code master} lists the databases, and each is read through a connection of its
 * own. Only by connecting the worker learns whether its login may enter a database.
 */
final class AzureCatalog extends SqlServerCatalog {

    private final SqlServerConnections connections;

    AzureCatalog(SqlServerConnections connections) {
        super(TSql.AZURE_DATABASE_BY_NAME, TSql.AZURE_DATABASES, 1);
        this.connections = connections;
    }

    /** A database to which the login cannot connect while it reaches {@code master} is in an unknown state: 4060 passes by itself. */
    @Override
    boolean isOfOneDatabase(SQLException e) {
        return super.isOfOneDatabase(e)
                || SqlServerErrors.code(e) == ErrorCode.SERVER_UNAVAILABLE
                || SqlServerErrors.code(e) == ErrorCode.TOO_MANY_CONNECTIONS;
    }

    /** It is no user of the database. */
    @Override
    boolean isRefused(SQLException e) {
        return SqlServerErrors.number(e) == SqlServerErrors.LOGIN_FAILED
                || SqlServerErrors.number(e) == SqlServerErrors.NO_ACCESS;
    }

    @Override
    boolean mayEnter(Found database) throws SQLException {
        try {
            open(database.name()).close();
            return true;
        } catch (SQLException e) {
            if (isRefused(e)) {
                return false;
            }
            throw e;
        }
    }

    private Connection open(String databaseName) throws SQLException {
        try {
            return connections.open(databaseName);
        } catch (SQLException e) {
            if (SqlServerErrors.number(e) == SqlServerErrors.LOGIN_FAILED) {
                requireLogin();
            }
            throw e;
        }
    }

    /** A login that is refused everywhere, after a change of its password, says nothing about the one database. */
    private void requireLogin() {
        try {
            connections.open(null).close();
        } catch (SQLException e) {
            throw SqlServerErrors.translate("Logging in", e);
        }
    }

    /** There is only one property: this form has no trash. */
    @Override
    Map<String, String> marks(Connection server, List<String> names, String property) throws SQLException {
        Map<String, String> marks = new LinkedHashMap<>();
        for (String name : names) {
            try (Connection inside = open(name)) {
                String mark = mark(inside);
                if (mark != null) {
                    marks.put(name, mark);
                }
            }
        }
        return marks;
    }

    private static @Nullable String mark(Connection inside) throws SQLException {
        try (Statement statement = inside.createStatement();
                ResultSet row = statement.executeQuery(TSql.AZURE_MARK)) {
            return row.next() ? row.getString("mark") : null;
        }
    }

    @Override
    void setMark(Connection server, String databaseName, String mark) throws SQLException {
        try (Connection inside = open(databaseName)) {
            SqlServerLock.execute(inside, TSql.AZURE_SET_MARK, mark, mark);
        }
    }

    @Override
    void addMark(Connection server, String databaseName, String mark) throws SQLException {
        try (Connection inside = open(databaseName)) {
            SqlServerLock.execute(inside, TSql.AZURE_ADD_MARK, mark);
        }
    }

    /** There is no {@code msdb}. */
    @Override
    DatabaseDetails details(Connection server, Found database, ServerFacts facts) {
        return DatabaseDetails.NOT_ASKED;
    }

    @Override
    Map<Marked, Measures> measures(Connection server, List<String> names) throws SQLException {
        Map<Marked, Measures> measured = new LinkedHashMap<>();
        try (Statement statement = server.createStatement();
                ResultSet row = statement.executeQuery(TSql.azureDatabases(names))) {
            while (row.next()) {
                Found database = Found.of(row);
                Measures outside = new Measures(
                        null,
                        null,
                        null,
                        row.getString("owner"),
                        row.getString("collation_name"),
                        row.getObject("compatibility_level", Integer.class),
                        row.getString("recovery_model_desc"));
                if (database.isReadable()) {
                    measure(database, outside, measured);
                } else {
                    measured.put(Marked.unknown(database), outside);
                }
            }
        }
        return measured;
    }

    private void measure(Found database, Measures outside, Map<Marked, Measures> measured) throws SQLException {
        try (Connection inside = open(database.name())) {
            measured.put(new Marked(database, mark(inside)), measures(inside, outside));
        } catch (SQLException e) {
            measured.put(unread(database, e), outside);
        }
    }

    private static Measures measures(Connection inside, Measures outside) throws SQLException {
        try (Statement statement = inside.createStatement();
                ResultSet row = statement.executeQuery(TSql.AZURE_MEASURES)) {
            row.next();
            return new Measures(
                    row.getObject("data_bytes", Long.class),
                    row.getObject("log_bytes", Long.class),
                    row.getObject("connections", Integer.class),
                    outside.owner(),
                    outside.collation(),
                    outside.compatibilityLevel(),
                    outside.recoveryModel());
        } catch (SQLException e) {
            if (SqlServerErrors.code(e) == ErrorCode.INSUFFICIENT_PRIVILEGE) {
                return outside;
            }
            throw e;
        }
    }
}
