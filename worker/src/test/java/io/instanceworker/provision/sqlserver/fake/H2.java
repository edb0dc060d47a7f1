package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.Answer.Column;
import io.instanceworker.tds.SqlError;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Databases in the memory of this process, which know much of T-SQL. */
final class H2 {

    /** A lock is waited for in parts, between which the wait can end. */
    private static final int LOCK_MILLIS = 100;

    private static final int DUPLICATE_KEY = 23505;
    private static final int NULL = 23502;
    private static final int TOO_LONG = 22001;
    private static final int TABLE_EXISTS = 42101;
    private static final int NO_TABLE = 42102;
    private static final int NO_TABLE_BUT_SIMILAR = 42103;
    private static final int NO_TABLE_IN_EMPTY_DATABASE = 42104;
    private static final int NO_COLUMN = 42122;
    private static final int LOCK_TIMEOUT = 50200;
    private static final int CONCURRENT_UPDATE = 90131;
    private static final int DEADLOCK = 40001;
    private static final int DATABASE_CLOSED = 90098;
    private static final int CONNECTION_CLOSED = 90121;

    private H2() {}

    /** @param name of the database, which this makes where it is absent */
    static Connection connect(String name, String schema) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:h2:mem:" + name + ";MODE=MSSQLServer;DB_CLOSE_DELAY=-1;DATABASE_TO_UPPER=FALSE"
                        + ";CASE_INSENSITIVE_IDENTIFIERS=TRUE;IGNORECASE=TRUE;NON_KEYWORDS=VALUE;LOCK_TIMEOUT="
                        + LOCK_MILLIS
                        + ";INIT=CREATE SCHEMA IF NOT EXISTS " + schema + "\\;SET SCHEMA " + schema,
                "sa",
                "");
    }

    /** @param mostRows 0 for all */
    static Answer run(Connection connection, H2Text text, List<@Nullable Object> parameters, int mostRows)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(text.sql())) {
            statement.setMaxRows(mostRows);
            int index = 0;
            for (H2Text.Parameter parameter : text.parameters()) {
                statement.setObject(++index, parameter.value(parameters));
            }
            if (statement.execute()) {
                try (ResultSet rows = statement.getResultSet()) {
                    return rows(rows);
                }
            }
            return text.isDefinition() ? Answer.nothing() : Answer.changed(statement.getUpdateCount());
        }
    }

    private static Answer rows(ResultSet result) throws SQLException {
        ResultSetMetaData data = result.getMetaData();
        List<Column> columns = new ArrayList<>();
        for (int i = 1; i <= data.getColumnCount(); i++) {
            columns.add(new Column(data.getColumnLabel(i), type(data, i)));
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        while (result.next()) {
            List<@Nullable Object> row = new ArrayList<>();
            for (int i = 1; i <= columns.size(); i++) {
                row.add(result.getObject(i, columns.get(i - 1).type()));
            }
            rows.add(row);
        }
        return Answer.rows(columns, rows);
    }

    private static Class<?> type(ResultSetMetaData data, int column) throws SQLException {
        return switch (data.getColumnType(column)) {
            case Types.CHAR, Types.VARCHAR, Types.CLOB, Types.NULL -> String.class;
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER -> Integer.class;
            case Types.BIGINT, Types.NUMERIC -> Long.class;
            case Types.BOOLEAN -> Boolean.class;
            case Types.VARBINARY -> byte[].class;
            case Types.TIMESTAMP -> LocalDateTime.class;
            case Types.TIMESTAMP_WITH_TIMEZONE -> OffsetDateTime.class;
            default -> throw Errors.unknown("columns of the type " + data.getColumnTypeName(column));
        };
    }

    static boolean isLocked(SQLException e) {
        return e.getErrorCode() == LOCK_TIMEOUT || e.getErrorCode() == CONCURRENT_UPDATE;
    }

    /** Whether the database was dropped, and with it the transaction. */
    static boolean isGone(SQLException e) {
        return e.getErrorCode() == DATABASE_CLOSED || e.getErrorCode() == CONNECTION_CLOSED;
    }

    static boolean isDeadlock(SQLException e) {
        return e.getErrorCode() == DEADLOCK;
    }

    /** What SQL Server says instead. */
    static RuntimeException translated(SQLException e, String text) {
        String message = String.valueOf(e.getMessage());
        return switch (e.getErrorCode()) {
            case DUPLICATE_KEY ->
                Errors.noAccess(2627, "Violation of PRIMARY KEY constraint. Cannot insert duplicate key: " + message);
            case NULL -> Errors.wrong(515, "Cannot insert the value NULL into column: " + message);
            case TOO_LONG -> Errors.wrong(2628, "String or binary data would be truncated: " + message);
            case TABLE_EXISTS -> Errors.wrong(2714, "There is already an object of this name: " + message);
            case NO_TABLE, NO_TABLE_BUT_SIMILAR, NO_TABLE_IN_EMPTY_DATABASE ->
                Errors.wrong(208, "Invalid object name: " + message);
            case NO_COLUMN -> Errors.wrong(207, "Invalid column name: " + message);
            case LOCK_TIMEOUT, CONCURRENT_UPDATE -> Errors.wrong(1222, "Lock request time out period exceeded.");
            case DEADLOCK ->
                new SqlError(
                        1205, 13, "Transaction was deadlocked on lock resources and has been chosen as the victim.");
            default -> new IllegalStateException("The fake does not know: " + text, e);
        };
    }
}
