package io.instanceworker.demo;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** What is in a database, as one line, so that two databases can be compared. */
public final class Contents {

    private static final String TABLES = """
            SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
            """;

    private static final String ROWS = """
            SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), 'none') FROM %s t
            """;

    private static final String STRUCTURE = """
            SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
                SELECT format('column %s.%s.%s %s %s %s', table_schema, table_name, column_name, data_type,
                              is_nullable, column_default) AS line
                FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
                UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
                UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname <> 'pg_catalog'
                UNION ALL SELECT format('sequence %s.%s %s', schemaname, sequencename, last_value) FROM pg_sequences
                UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
                UNION ALL SELECT format('extension %s %s', extname, extversion) FROM pg_extension) s
            """;

    private static final String NO_SUCH_DATABASE = "3D000";

    private Contents() {}

    /**
     * Prints what is in a database, or that there is no such database.
     *
     * @param arguments a file with the properties {@code url}, {@code user} and {@code password}, and the database
     */
    public static void main(String[] arguments) throws IOException, SQLException {
        Properties login = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of(arguments[0]))) {
            login.load(file);
        }
        try (Connection connection = DriverManager.getConnection(login.getProperty("url") + arguments[1], login)) {
            System.out.println(of(connection));
        } catch (SQLException e) {
            if (!NO_SUCH_DATABASE.equals(e.getSQLState())) {
                throw e;
            }
            System.out.println("no such database");
        }
    }

    /** As in "10 tables with 73 rows", with a checksum over the rows, and over what the database is made of. */
    static String of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(TABLES)) {
                while (row.next()) {
                    tables.add(row.getString(1));
                }
            }
            List<String> checksums = new ArrayList<>();
            long rows = 0;
            for (String table : tables) {
                try (ResultSet row = statement.executeQuery(ROWS.formatted(table))) {
                    row.next();
                    rows += row.getLong(1);
                    checksums.add(row.getString(2));
                }
            }
            try (ResultSet row = statement.executeQuery(STRUCTURE)) {
                row.next();
                checksums.add(row.getString(1));
            }
            return "%d tables with %d rows, checksum %08x".formatted(tables.size(), rows, checksums.hashCode());
        }
    }
}
