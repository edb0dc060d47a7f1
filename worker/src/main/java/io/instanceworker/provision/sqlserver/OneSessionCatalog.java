package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The catalog of a server where one session reads every database that its login may enter. */
final class OneSessionCatalog extends SqlServerCatalog {

    /** A page of 1,000 is a handful of statements. */
    private static final int AT_ONCE = 200;

    OneSessionCatalog() {
        super(TSql.DATABASE_BY_NAME, TSql.DATABASES, AT_ONCE);
    }

    @Override
    boolean mayEnter(Found database) {
        return database.hasAccess();
    }

    @Override
    Map<String, String> marks(Connection server, List<String> names, String property) throws SQLException {
        Map<String, String> marks = new HashMap<>();
        try (Statement statement = server.createStatement();
                ResultSet row = statement.executeQuery(TSql.marks(names, property))) {
            while (row.next()) {
                marks.put(row.getString("name"), row.getString("mark"));
            }
        }
        return marks;
    }

    @Override
    void setMark(Connection server, String databaseName, String mark) throws SQLException {
        SqlServerLock.execute(server, TSql.setMark(databaseName), mark, mark);
    }

    @Override
    void addMark(Connection server, String databaseName, String mark) throws SQLException {
        SqlServerLock.execute(server, TSql.addMark(databaseName), mark);
    }

    @Override
    DatabaseDetails details(Connection server, Found database, ServerFacts facts) throws SQLException {
        return DatabaseDetails.of(server, database.name(), database.isReadable(), facts);
    }

    @Override
    Map<Marked, Measures> measures(Connection server, List<String> names) throws SQLException {
        List<Found> found = new ArrayList<>();
        Map<String, Measures> measures = new HashMap<>();
        try (Statement statement = server.createStatement();
                ResultSet row = statement.executeQuery(TSql.measured(names))) {
            while (row.next()) {
                Found database = Found.of(row);
                found.add(database);
                measures.put(
                        database.identity(),
                        new Measures(
                                row.getObject("data_bytes", Long.class),
                                row.getObject("log_bytes", Long.class),
                                row.getObject("connections", Integer.class),
                                row.getString("owner"),
                                row.getString("collation_name"),
                                row.getObject("compatibility_level", Integer.class),
                                row.getString("recovery_model_desc")));
            }
        }
        Map<Marked, Measures> measured = new LinkedHashMap<>();
        for (Marked marked : read(server, found)) {
            measured.put(marked, measures.get(marked.database().identity()));
        }
        return measured;
    }
}
