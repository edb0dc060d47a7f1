package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.Session;
import io.instanceworker.tds.SqlStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The catalog views, as tables that are filled from the model before each query. */
final class Catalog implements AutoCloseable {

    private static final String VIEWS = """
            CREATE TABLE sys.databases (name varchar(128), database_id int, state int, state_desc varchar(60), create_date timestamp(3),
                owner_sid varchar(128), collation_name varchar(128), compatibility_level int, recovery_model int,
                recovery_model_desc varchar(60), user_access int, user_access_desc varchar(60), has_dbaccess int);
            CREATE TABLE sys.master_files (database_id int, file_id int, type int, name varchar(128), physical_name varchar(400),
                size int);
            CREATE TABLE sys.dm_database_copies (database_id int, percent_complete real, error_code int, error_desc varchar(400));
            CREATE TABLE sys.dm_exec_sessions (session_id int, login_name varchar(128), program_name varchar(128), database_id int,
                is_user_process int);
            CREATE TABLE sys.dm_db_file_space_usage (database_id int, file_id int, allocated_extent_page_count int,
                unallocated_extent_page_count int);
            CREATE TABLE sys.backupset (database_name varchar(128), type varchar(1), is_copy_only int, backup_finish_date timestamp(0),
                time_zone int);
            CREATE TABLE sys.dm_exec_requests (session_id int, percent_complete real);
            CREATE TABLE sys.extended_properties (database_id int, class int, name varchar(128), value varchar(4000));
            CREATE TABLE sys.database_recovery_status (database_id int, recovery_fork_guid varchar(36));
            CREATE TABLE sys.dm_db_log_stats (database_id int, log_end_lsn varchar(24));
            CREATE TABLE sys.serverproperty (name varchar(128), value varchar(400));
            """;

    private static final Pattern OF_CATALOG = Pattern.compile(
            "\\s*SELECT\\b.*(\\bsys\\.|\\bSERVERPROPERTY\\s*\\(|\\bDB_ID\\s*\\(|\\bHAS_DBACCESS\\s*\\(|\\bDB_NAME\\s*\\(|@@).*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    /** The views of each database. */
    private static final Pattern OF_DATABASE = Pattern.compile(
            "(?:(" + SqlText.QUOTED + ")\\s*\\.\\s*)?\\bsys\\.(extended_properties|dm_db_file_space_usage)\\b",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern NOT_ON_AZURE =
            Pattern.compile("\\bHAS_DBACCESS\\b|\\bsys\\.master_files\\b", Pattern.CASE_INSENSITIVE);
    private static final String IN_PARENTHESES = "\\s*\\(\\s*(" + SqlText.QUOTED + "|@P\\d+)\\s*\\)";

    private static final Map<String, String> FUNCTIONS = Map.of(
            "\\bSERVERPROPERTY" + IN_PARENTHESES,
            "(SELECT q.value FROM sys.serverproperty q WHERE q.name = $1)",
            "\\bDB_ID" + IN_PARENTHESES,
            "(SELECT q.database_id FROM sys.databases q WHERE q.name = $1)",
            "\\bHAS_DBACCESS" + IN_PARENTHESES,
            "(SELECT q.has_dbaccess FROM sys.databases q WHERE q.name = $1)",
            "\\bHAS_DBACCESS\\s*\\(\\s*(\\w+)\\.name\\s*\\)",
            "$1.has_dbaccess",
            "\\bCROSS\\s+APPLY\\s+sys\\.dm_db_log_stats\\s*\\(\\s*(\\w+)\\.database_id\\s*\\)\\s+(\\w+)",
            "JOIN sys.dm_db_log_stats $2 ON $2.database_id = $1.database_id",
            "\\bSUSER_SNAME\\s*\\(\\s*(\\w+\\.\\w+)\\s*\\)",
            "$1",
            "\\bmsdb\\.dbo\\.backupset\\b",
            "sys.backupset");

    private final Model model;
    private final Connection connection;

    Catalog(Model model) {
        this.model = model;
        try {
            connection = H2.connect("catalog-" + UUID.randomUUID(), "sys");
            try (Statement statement = connection.createStatement()) {
                statement.execute(VIEWS);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static boolean isOfCatalog(String text) {
        return OF_CATALOG.matcher(SqlText.of(text).masked()).matches();
    }

    Answer answer(SessionState session, SqlStatement statement) {
        synchronized (model) {
            SqlText text = SqlText.of(statement.text());
            if (model.isAzure() && NOT_ON_AZURE.matcher(text.masked()).find()) {
                throw Errors.unknown(statement.text() + " on Azure SQL Database");
            }
            String masked = OF_DATABASE
                    .matcher(text.masked())
                    .replaceAll(found -> ofDatabase(text, found.group(2), found.group(1), session));
            for (Map.Entry<String, String> function : FUNCTIONS.entrySet()) {
                masked = Pattern.compile(function.getKey(), Pattern.CASE_INSENSITIVE)
                        .matcher(masked)
                        .replaceAll(function.getValue());
            }
            masked = masked.replaceAll(
                            "(?i)@@SPID\\b", String.valueOf(session.session().id()))
                    .replaceAll("(?i)@@TRANCOUNT\\b", session.isTransactionOpen() ? "1" : "0")
                    .replaceAll(
                            "(?i)\\bsys\\.database_files\\b",
                            "(SELECT * FROM sys.master_files q WHERE q.database_id = DB_ID())")
                    .replaceAll(
                            "(?i)\\bDB_ID\\s*\\(\\s*\\)",
                            "(SELECT q.database_id FROM sys.databases q WHERE q.name = DB_NAME())")
                    .replaceAll(
                            "(?i)\\bDB_NAME\\s*\\(\\s*\\)",
                            Matcher.quoteReplacement(H2Text.literal(session.database())));
            try {
                fill(session, statement.text());
                return H2.run(
                        connection,
                        H2Text.of(new SqlText(masked, text.quoted())),
                        statement.parameters(),
                        session.rowCount());
            } catch (SQLException e) {
                throw new IllegalStateException("The fake does not know: " + statement.text(), e);
            }
        }
    }

    private String ofDatabase(SqlText text, String view, @Nullable String database, SessionState session) {
        String name = database == null ? session.database() : text.unquoted(database);
        model.refuseOther(session, name);
        FakeDatabase found = model.find(name).orElseThrow(() -> Errors.unknownObject(name + ".sys." + view));
        return "(SELECT * FROM sys." + view + " q WHERE q.database_id = "
                + model.open(found, session.session()).id() + ")";
    }

    private void fill(SessionState current, String query) throws SQLException {
        List<AzureStatements.Copy> copies = model.azure().copies(current, query);
        for (String view : List.of(
                "databases",
                "master_files",
                "dm_database_copies",
                "dm_exec_sessions",
                "extended_properties",
                "database_recovery_status",
                "dm_db_log_stats",
                "dm_db_file_space_usage",
                "backupset",
                "dm_exec_requests",
                "serverproperty")) {
            run("DELETE FROM sys." + view);
        }
        for (FakeDatabase database : model.databases()) {
            if (isVisible(database, current)) {
                add(database);
            }
        }
        for (SessionState session : model.sessions()) {
            Session each = session.session();
            if (!model.isAzure() || each.database().equalsIgnoreCase(current.database())) {
                run(
                        "INSERT INTO sys.dm_exec_sessions VALUES (?, ?, ?, ?, 1)",
                        each.id(),
                        each.login(),
                        each.application(),
                        model.find(session.database()).map(FakeDatabase::id).orElse(0));
            }
        }
        for (AzureStatements.Copy copy : copies) {
            run(
                    "INSERT INTO sys.dm_database_copies VALUES (?, ?, ?, ?)",
                    copy.target().id(),
                    copy.percent(),
                    copy.error(),
                    copy.errorText());
        }
        for (BackupSet backup : model.backups()) {
            run(
                    "INSERT INTO sys.backupset VALUES (?, 'D', ?, ?, ?)",
                    backup.database(),
                    backup.isCopyOnly() ? 1 : 0,
                    backup.finished(),
                    backup.timeZone());
        }
        for (Session request : model.percentComplete() == null ? Set.<Session>of() : model.requests()) {
            run("INSERT INTO sys.dm_exec_requests VALUES (?, ?)", request.id(), model.percentComplete());
        }
        Options options = model.options();
        property("EngineEdition", String.valueOf(options.engineEdition()));
        property("Edition", options.edition());
        property("ProductVersion", options.version());
        if (!model.isAzure()) {
            property("InstanceDefaultDataPath", options.platform().dataPath());
            property("InstanceDefaultLogPath", options.platform().dataPath());
            property("InstanceDefaultBackupPath", options.platform().backupPath());
        }
    }

    private boolean isVisible(FakeDatabase database, SessionState session) {
        boolean isMaster = database.name().equals(AzureStatements.MASTER);
        return !model.isAzure()
                || isMaster
                || (AzureStatements.isInMaster(session)
                        ? !database.isSystem()
                        : database.name().equalsIgnoreCase(session.database()));
    }

    private void property(String name, String value) throws SQLException {
        run("INSERT INTO sys.serverproperty VALUES (?, ?)", name, value);
    }

    private void add(FakeDatabase database) throws SQLException {
        List<String> models = List.of("", "FULL", "BULK_LOGGED", "SIMPLE");
        List<String> states = List.of(
                "ONLINE", "RESTORING", "RECOVERING", "RECOVERY_PENDING", "SUSPECT", "EMERGENCY", "OFFLINE", "COPYING");
        boolean online = database.isOnline();
        run(
                "INSERT INTO sys.databases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                database.name(),
                database.id(),
                database.state(),
                states.get(database.state()),
                database.createDate(),
                database.owner(),
                online ? database.collation() : null,
                database.compatibilityLevel(),
                models.indexOf(database.recoveryModel()),
                database.recoveryModel(),
                database.userAccess(),
                List.of("MULTI_USER", "SINGLE_USER", "RESTRICTED_USER").get(database.userAccess()),
                online && !(database.isSingleUser() && model.sessionsIn(database) > 0) ? 1 : 0);
        run(
                "INSERT INTO sys.database_recovery_status VALUES (?, ?)",
                database.id(),
                database.recoveryFork().toString());
        run("INSERT INTO sys.dm_db_log_stats VALUES (?, ?)", database.id(), database.logEndLsn());
        int file = 0;
        for (DatabaseFile each : database.files()) {
            run(
                    "INSERT INTO sys.master_files VALUES (?, ?, ?, ?, ?, ?)",
                    database.id(),
                    ++file,
                    each.typeNumber(),
                    each.logicalName(),
                    each.path(),
                    each.pages());
            if (each.type().equals("D")) {
                run(
                        "INSERT INTO sys.dm_db_file_space_usage VALUES (?, ?, ?, ?)",
                        database.id(),
                        file,
                        each.allocatedPages(),
                        each.pages() - each.allocatedPages());
            }
        }
        for (Map.Entry<String, String> property : database.properties().entrySet()) {
            run(
                    "INSERT INTO sys.extended_properties VALUES (?, 0, ?, ?)",
                    database.id(),
                    property.getKey(),
                    property.getValue());
        }
    }

    private void run(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }

    @Override
    public void close() {
        try {
            if (!connection.isClosed()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SHUTDOWN IMMEDIATELY");
                }
                connection.close();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
