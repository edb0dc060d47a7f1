package io.instanceworker.provision.sqlserver.fake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The tables of one database. */
final class UserTables implements AutoCloseable {

    private static final String SCHEMA = "dbo";

    private final String name = "fake-" + UUID.randomUUID();
    private boolean isThere;

    synchronized Connection connect() throws SQLException {
        isThere = true;
        return H2.connect(name, SCHEMA);
    }

    boolean has(String table) {
        String sql =
                "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE LOWER(TABLE_SCHEMA) = ? AND LOWER(TABLE_NAME) = LOWER(?)";
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, SCHEMA);
            statement.setString(2, table);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The statements that make the tables with their rows, without what no transaction has committed. */
    List<String> script() {
        return script("SCRIPT NOPASSWORDS NOSETTINGS");
    }

    /** The same without the rows. */
    List<String> schema() {
        return script("SCRIPT NODATA NOPASSWORDS NOSETTINGS");
    }

    private synchronized List<String> script(String sql) {
        List<String> script = new ArrayList<>();
        if (!isThere) {
            return script;
        }
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                if (!row.getString(1).startsWith("--")) {
                    script.add(row.getString(1));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return script;
    }

    void run(List<String> script) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : script) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    List<String> texts(String query) {
        List<String> texts = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return texts;
    }

    @Override
    public synchronized void close() {
        if (isThere) {
            isThere = false;
            run(List.of("SHUTDOWN IMMEDIATELY"));
        }
    }
}
