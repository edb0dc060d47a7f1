package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.result.InstanceInfo;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the server's catalogs say of databases. Reads only. */
final class SqlServerCatalog {

    /** How many databases one statement asks for: a page of 1,000 is a handful of statements. */
    private static final int AT_ONCE = 200;

    /** The {@code user_access} of a database with one seat. If it is taken, the worker cannot look into the database. */
    private static final int SINGLE_USER = 1;

    /** The mark of a database that the worker's login may not read, or that is not online. Its owner is not known. */
    private static final String UNKNOWN_MARK = "";

    private SqlServerCatalog() {}

    /** A row of {@code sys.databases}. */
    private record Found(String name, InstanceState state, boolean hasAccess, String identity) {
        static Found of(ResultSet row) throws SQLException {
            boolean hasAccess = row.getInt("has_access") == 1;
            InstanceState state = state(row.getInt("state"));
            boolean isTaken = state == InstanceState.ONLINE && row.getInt("user_access") == SINGLE_USER && !hasAccess;
            return new Found(
                    row.getString("name"),
                    isTaken ? InstanceState.UNKNOWN : state,
                    hasAccess,
                    row.getInt("database_id") + " " + row.getObject("create_date", LocalDateTime.class));
        }

        private static InstanceState state(int code) {
            return Arrays.stream(InstanceState.values())
                    .filter(each -> each.code() != null && each.code() == code)
                    .findFirst()
                    .orElse(InstanceState.UNKNOWN);
        }

        Found inUnknownState() {
            return new Found(name, InstanceState.UNKNOWN, hasAccess, identity);
        }

        boolean isReadable() {
            return state == InstanceState.ONLINE && hasAccess;
        }
    }

    static boolean exists(Connection connection, String databaseName) throws SQLException {
        return find(connection, databaseName).isPresent();
    }

    static InstanceStatus status(Connection connection, String databaseName) throws SQLException {
        Optional<Found> found = find(connection, databaseName);
        if (found.isEmpty()) {
            return InstanceStatus.of(databaseName, stateOfAbsent(connection, databaseName), null);
        }
        Found database = found.orElseThrow();
        String mark = database.isReadable() ? mark(connection, database.name()) : UNKNOWN_MARK;
        if (UNKNOWN_MARK.equals(mark) && !exists(connection, databaseName)) {
            return InstanceStatus.notFound(databaseName);
        }
        boolean hasChanged = database.isReadable() && UNKNOWN_MARK.equals(mark);
        return status(databaseName, hasChanged ? database.inUnknownState() : database, mark, null);
    }

    /** Whether the database is online and the worker's login may connect to it. */
    static boolean mayConnect(Connection connection, String databaseName) throws SQLException {
        return find(connection, databaseName).filter(Found::isReadable).isPresent();
    }

    private static Optional<Found> find(Connection connection, String databaseName) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TSql.DATABASE_BY_NAME)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(Found.of(row)) : Optional.empty();
            }
        }
    }

    /** A database that is being created has a staging name, which says what creates it. */
    private static InstanceState stateOfAbsent(Connection connection, String databaseName) throws SQLException {
        return staging(connection, SqlServerNames.stagingOf(databaseName)).keySet().stream()
                .flatMap(name -> SqlServerNames.parseStaging(name).stream())
                .map(SqlServerNames.Staging::making)
                .findFirst()
                .orElse(InstanceState.NOT_FOUND);
    }

    /** The age of each staging database in milliseconds. */
    static Map<String, Long> staging(Connection connection, String pattern) throws SQLException {
        Map<String, Long> ages = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(TSql.STAGING)) {
            statement.setString(1, pattern);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    ages.put(row.getString("name"), Math.max(0, row.getLong("age_ms")));
                }
            }
        }
        return ages;
    }

    /** @param hidden databases of the worker's own */
    static List<InstanceStatus> all(Connection connection, Collection<String> hidden) throws SQLException {
        List<String> hiddenNames =
                hidden.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
        List<Found> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TSql.DATABASES)) {
            while (row.next()) {
                Found database = Found.of(row);
                if (!SqlServerNames.isStaging(database.name())
                        && !hiddenNames.contains(database.name().toLowerCase(Locale.ROOT))) {
                    found.add(database);
                }
            }
        }
        Map<String, String> marks = marks(connection, found);
        return found.stream()
                .map(database -> status(database.name(), database, markOf(database, marks), null))
                .toList();
    }

    /** With null for what the login may not see, and without a database that is dropped meanwhile. */
    static List<InstanceStatus> measured(Connection connection, Collection<String> databaseNames, String version)
            throws SQLException {
        List<InstanceStatus> measured = new ArrayList<>();
        for (List<String> names : parts(List.copyOf(databaseNames))) {
            Map<Found, Measures> found = new LinkedHashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(TSql.measured(names))) {
                while (row.next()) {
                    found.put(Found.of(row), Measures.of(row));
                }
            }
            Map<String, String> marks = marks(connection, found.keySet());
            found.forEach((database, measures) -> {
                String mark = markOf(database, marks);
                measured.add(status(database.name(), database, mark, measures.info(mark, version)));
            });
        }
        return measured;
    }

    /** The part of Info that has nothing to do with the mark. */
    private record Measures(
            @Nullable Long dataBytes,
            @Nullable Long logBytes,
            @Nullable Integer connections,
            @Nullable String owner,
            @Nullable String collation) {

        static Measures of(ResultSet row) throws SQLException {
            return new Measures(
                    row.getObject("data_bytes", Long.class),
                    row.getObject("log_bytes", Long.class),
                    row.getObject("connections", Integer.class),
                    row.getString("owner"),
                    row.getString("collation_name"));
        }

        InstanceInfo info(@Nullable String markText, String version) {
            OwnershipMark mark = OwnershipMark.parse(markText).orElse(null);
            Long size = dataBytes == null ? null : Long.valueOf(dataBytes + (logBytes == null ? 0 : logBytes));
            return new InstanceInfo(
                    size,
                    InstanceInfo.readable(size),
                    dataBytes,
                    logBytes,
                    null,
                    connections,
                    owner,
                    collation,
                    mark == null ? null : mark.createdAt(),
                    mark == null ? null : mark.jobId(),
                    mark == null ? null : mark.template(),
                    mark == null ? null : mark.source(),
                    "Microsoft SQL Server",
                    version);
        }
    }

    private static InstanceStatus status(
            String databaseName, Found database, @Nullable String mark, @Nullable InstanceInfo info) {
        return new InstanceStatus(
                databaseName,
                database.state(),
                OwnershipMark.parse(mark).orElse(null),
                UNKNOWN_MARK.equals(mark) || OwnershipMark.isUnreadable(mark),
                info == null ? null : info.sizeBytes(),
                info == null ? null : info.activeConnections(),
                info,
                database.identity());
    }

    private static @Nullable String markOf(Found database, Map<String, String> marks) {
        return database.isReadable() ? marks.get(database.name()) : UNKNOWN_MARK;
    }

    /** @return null if the database has none; an empty text if it cannot be read */
    static @Nullable String mark(Connection connection, String databaseName) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TSql.mark(databaseName))) {
            return row.next() ? row.getString("mark") : null;
        } catch (SQLException e) {
            if (!isOfOneDatabase(e)) {
                throw e;
            }
            return UNKNOWN_MARK;
        }
    }

    /** The failure is about this database: it has gone, or went offline, or is somebody's alone. */
    private static boolean isOfOneDatabase(SQLException e) {
        return switch (SqlServerErrors.number(e)) {
            case 208, 911, 916, 921, 922, 924, 926, 927, 942, 945, 952, 954, 976, 983 -> true;
            default -> false;
        };
    }

    /** The marks by database. If one of the databases cannot be read any more, each is asked by itself. */
    private static Map<String, String> marks(Connection connection, Collection<Found> databases) throws SQLException {
        List<String> readable =
                databases.stream().filter(Found::isReadable).map(Found::name).toList();
        Map<String, String> marks = new HashMap<>();
        for (List<String> names : parts(readable)) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(TSql.marks(names))) {
                while (row.next()) {
                    marks.put(row.getString("name"), row.getString("mark"));
                }
            } catch (SQLException e) {
                if (!isOfOneDatabase(e)) {
                    throw e;
                }
                for (String name : names) {
                    String mark = mark(connection, name);
                    if (mark != null) {
                        marks.put(name, mark);
                    }
                }
            }
        }
        return marks;
    }

    private static List<List<String>> parts(List<String> names) {
        List<List<String>> parts = new ArrayList<>();
        for (int from = 0; from < names.size(); from += AT_ONCE) {
            parts.add(names.subList(from, Math.min(names.size(), from + AT_ONCE)));
        }
        return parts;
    }
}
