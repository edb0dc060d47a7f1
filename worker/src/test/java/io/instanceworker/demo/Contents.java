package io.instanceworker.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is in a database, to see whether two hold the same.
 *
 * @param tables a checksum over the rows of each
 * @param structure a checksum over columns, constraints, indexes, sequences, triggers and extensions
 */
record Contents(Map<String, String> tables, long rows, String structure) {

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

    static Contents of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(TABLES)) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
            Map<String, String> tables = new LinkedHashMap<>();
            long rows = 0;
            for (String name : names) {
                try (ResultSet row = statement.executeQuery(ROWS.formatted(name))) {
                    row.next();
                    rows += row.getLong(1);
                    tables.put(name, row.getString(2));
                }
            }
            try (ResultSet row = statement.executeQuery(STRUCTURE)) {
                row.next();
                return new Contents(tables, rows, row.getString(1));
            }
        }
    }

    /** As in "10 tables with their 73 rows". */
    String size() {
        return tables.size() + " tables with their " + rows + " rows";
    }

    /** Names the tables that differ, not their checksums, which tell a person nothing. */
    String differenceTo(Contents other) {
        List<String> differences = new ArrayList<>(tables.keySet());
        other.tables.keySet().stream().filter(t -> !tables.containsKey(t)).forEach(differences::add);
        differences.removeIf(table -> String.valueOf(tables.get(table)).equals(other.tables.get(table)));
        if (!structure.equals(other.structure)) {
            differences.add("the structure");
        }
        return String.join(", ", differences);
    }
}
