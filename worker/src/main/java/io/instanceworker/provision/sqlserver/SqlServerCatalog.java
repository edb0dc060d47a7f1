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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the server's catalogs say of databases. How the worker gets at what is inside a database, its mark and its sizes, depends
 * on the hosting form. Each connection is one on which the server lists its databases.
 */
abstract class SqlServerCatalog {

    /** The {@code user_access} of a database with one seat. If it is taken, the worker cannot look into the database. */
    private static final int SINGLE_USER = 1;

    /** The mark of a database that the worker's login may not read, or that is not online. Its owner is not known. */
    private static final String UNKNOWN_MARK = "";

    private final String byName;
    private final String all;
    private final int atOnce;

    /**
     * @param byName the text that finds a database by its name, the parameter
     * @param all the text that finds all databases
     * @param atOnce how many databases are read with one statement
     */
    SqlServerCatalog(String byName, String all, int atOnce) {
        this.byName = byName;
        this.all = all;
        this.atOnce = atOnce;
    }

    /** A row of {@code sys.databases}. */
    record Found(String name, InstanceState state, boolean hasAccess, String identity) {
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

    /** @param mark null if the database has none */
    record Marked(Found database, @Nullable String mark) {

        static Marked unknown(Found database) {
            return new Marked(database, UNKNOWN_MARK);
        }

        boolean isUnknown() {
            return UNKNOWN_MARK.equals(mark);
        }

        InstanceStatus status(String databaseName, @Nullable InstanceInfo info) {
            return new InstanceStatus(
                    databaseName,
                    database.state(),
                    OwnershipMark.parse(mark).orElse(null),
                    isUnknown() || OwnershipMark.isUnreadable(mark),
                    info == null ? null : info.sizes().total(),
                    info == null ? null : info.activeConnections(),
                    info,
                    database.identity());
        }
    }

    /** The part of Info that has nothing to do with the mark. With null for what the login may not see. */
    record Measures(
            @Nullable Long dataBytes,
            @Nullable Long logBytes,
            @Nullable Integer connections,
            @Nullable String owner,
            @Nullable String collation,
            @Nullable Integer compatibilityLevel,
            @Nullable String recoveryModel) {

        InstanceInfo info(@Nullable String markText, ServerFacts server, DatabaseDetails details) {
            Long size = dataBytes == null ? null : Long.valueOf(dataBytes + (logBytes == null ? 0 : logBytes));
            return new InstanceInfo(
                    new InstanceInfo.Sizes(
                            size,
                            InstanceInfo.readable(size),
                            dataBytes,
                            logBytes,
                            details.reservedBytes(),
                            details.freeBytes()),
                    connections,
                    owner,
                    collation,
                    compatibilityLevel,
                    recoveryModel,
                    details.lastBackupAt(),
                    OwnershipMark.origin(OwnershipMark.parse(markText).orElse(null)),
                    new InstanceInfo.Engine("Microsoft SQL Server", server.version(), server.edition()));
        }
    }

    /** Whether the worker's login may enter a database. */
    abstract boolean mayEnter(Found database) throws SQLException;

    /** The values of this property by database, without those that have none. Fails if one of the databases cannot be read. */
    abstract Map<String, String> marks(Connection server, List<String> names, String property) throws SQLException;

    /** Writes the mark of a database, which may have one. */
    abstract void setMark(Connection server, String databaseName, String mark) throws SQLException;

    /** Writes the mark of a database that has none, and fails if it has one. */
    abstract void addMark(Connection server, String databaseName, String mark) throws SQLException;

    /** What only Info reports of a database. */
    abstract DatabaseDetails details(Connection server, Found database, ServerFacts facts) throws SQLException;

    /** Marks and measures of those of the databases that exist. */
    abstract Map<Marked, Measures> measures(Connection server, List<String> names) throws SQLException;

    static boolean exists(Connection server, String databaseName) throws SQLException {
        return state(server, databaseName).isPresent();
    }

    static Optional<InstanceState> state(Connection server, String databaseName) throws SQLException {
        try (PreparedStatement statement = server.prepareStatement(TSql.DATABASE_STATE)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(Found.state(row.getInt("state"))) : Optional.empty();
            }
        }
    }

    InstanceStatus status(Connection server, String databaseName) throws SQLException {
        Optional<Found> found = find(server, databaseName);
        if (found.isEmpty()) {
            return InstanceStatus.of(databaseName, stateOfAbsent(server, databaseName), null);
        }
        Marked marked = read(server, found.orElseThrow());
        if (marked.isUnknown() && !exists(server, databaseName)) {
            return InstanceStatus.notFound(databaseName);
        }
        return marked.status(databaseName, null);
    }

    /** Whether the database is online and the worker's login may connect to it. */
    boolean mayConnect(Connection server, String databaseName) throws SQLException {
        Found found = find(server, databaseName).orElse(null);
        return found != null && found.isReadable() && mayEnter(found);
    }

    private Optional<Found> find(Connection server, String databaseName) throws SQLException {
        try (PreparedStatement statement = server.prepareStatement(byName)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(Found.of(row)) : Optional.empty();
            }
        }
    }

    /** A database that is being created has a staging name, which says what creates it. */
    private static InstanceState stateOfAbsent(Connection server, String databaseName) throws SQLException {
        return staging(server, SqlServerNames.stagingOf(databaseName)).keySet().stream()
                .flatMap(name -> SqlServerNames.parseStaging(name).stream())
                .map(SqlServerNames.Staging::making)
                .findFirst()
                .orElse(InstanceState.NOT_FOUND);
    }

    /** The age of each staging database in milliseconds. */
    static Map<String, Long> staging(Connection server, String pattern) throws SQLException {
        Map<String, Long> ages = new LinkedHashMap<>();
        try (PreparedStatement statement = server.prepareStatement(TSql.STAGING)) {
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
    List<InstanceStatus> all(Connection server, Collection<String> hidden) throws SQLException {
        List<String> hiddenNames =
                hidden.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
        List<Found> found = new ArrayList<>();
        try (Statement statement = server.createStatement();
                ResultSet row = statement.executeQuery(all)) {
            while (row.next()) {
                Found database = Found.of(row);
                if (!SqlServerNames.isStaging(database.name())
                        && !hiddenNames.contains(database.name().toLowerCase(Locale.ROOT))) {
                    found.add(database);
                }
            }
        }
        return read(server, found).stream()
                .map(marked -> marked.status(marked.database().name(), null))
                .toList();
    }

    /** Without a database that is dropped meanwhile. */
    List<InstanceStatus> measured(Connection server, Collection<String> databaseNames, ServerFacts facts)
            throws SQLException {
        List<InstanceStatus> measured = new ArrayList<>();
        for (List<String> names : parts(List.copyOf(databaseNames))) {
            measures(server, names)
                    .forEach((marked, measures) -> measured.add(marked.status(
                            marked.database().name(), measures.info(marked.mark(), facts, DatabaseDetails.NOT_ASKED))));
        }
        return measured;
    }

    /** As {@link #measured}, with the details that only Info reports. */
    InstanceStatus info(Connection server, String databaseName, ServerFacts facts) throws SQLException {
        Map<Marked, Measures> found = measures(server, List.of(databaseName));
        if (found.isEmpty()) {
            return status(server, databaseName);
        }
        Map.Entry<Marked, Measures> only = found.entrySet().iterator().next();
        Marked marked = only.getKey();
        DatabaseDetails details = details(server, marked.database(), facts);
        return marked.status(marked.database().name(), only.getValue().info(marked.mark(), facts, details));
    }

    /** @return null if the database has none; an empty text if it cannot be read */
    @Nullable String mark(Connection server, String databaseName) throws SQLException {
        Optional<Found> found = find(server, databaseName);
        return found.isEmpty()
                ? UNKNOWN_MARK
                : read(server, found.orElseThrow()).mark();
    }

    Marked read(Connection server, Found database) throws SQLException {
        return read(server, List.of(database)).get(0);
    }

    List<Marked> read(Connection server, Collection<Found> databases) throws SQLException {
        return read(server, databases, TSql.MARK);
    }

    /** The databases in the trash, with their trash marks. */
    List<Marked> trash(Connection server) throws SQLException {
        List<Found> found = new ArrayList<>();
        try (PreparedStatement statement = server.prepareStatement(TSql.DATABASES_LIKE)) {
            statement.setString(1, SqlServerNames.ANY_TRASH);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(Found.of(row));
                }
            }
        }
        return read(server, found, TSql.TRASH_MARK);
    }

    /** If one of the databases cannot be read any more, each is read by itself. */
    private List<Marked> read(Connection server, Collection<Found> databases, String property) throws SQLException {
        List<Marked> marked = new ArrayList<>();
        databases.stream()
                .filter(database -> !database.isReadable())
                .map(Marked::unknown)
                .forEach(marked::add);
        for (List<Found> part :
                parts(databases.stream().filter(Found::isReadable).toList())) {
            try {
                Map<String, String> marks =
                        marks(server, part.stream().map(Found::name).toList(), property);
                part.forEach(database -> marked.add(new Marked(database, marks.get(database.name()))));
            } catch (SQLException e) {
                if (part.size() == 1) {
                    marked.add(unread(part.get(0), e));
                } else if (isOfOneDatabase(e)) {
                    for (Found database : part) {
                        marked.addAll(read(server, List.of(database), property));
                    }
                } else {
                    throw e;
                }
            }
        }
        return marked;
    }

    /** What is known of a database that could not be read, if only this one could not. */
    Marked unread(Found database, SQLException e) throws SQLException {
        if (isRefused(e)) {
            return Marked.unknown(database);
        }
        if (isOfOneDatabase(e)) {
            return Marked.unknown(database.inUnknownState());
        }
        throw e;
    }

    /** The worker's login may not enter the database, now or later. */
    boolean isRefused(SQLException e) {
        return false;
    }

    /** The failure is about this database: it was dropped, or went offline, or only somebody else may use it. */
    boolean isOfOneDatabase(SQLException e) {
        return switch (SqlServerErrors.number(e)) {
            case 208, 911, 916, 921, 922, 924, 926, 927, 942, 945, 952, 954, 976, 983 -> true;
            default -> false;
        };
    }

    private <T> List<List<T>> parts(List<T> all) {
        List<List<T>> parts = new ArrayList<>();
        for (int from = 0; from < all.size(); from += atOnce) {
            parts.add(all.subList(from, Math.min(all.size(), from + atOnce)));
        }
        return parts;
    }
}
