package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.ServerCertificate;
import io.instanceworker.tds.Session;
import io.instanceworker.tds.TdsServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A server that runs, and what a test sees and changes of it without a connection. */
public final class FakeSqlServer implements AutoCloseable {

    private static final String DISTRICT = "CREATE TABLE district (id int identity primary key, name nvarchar(400))";

    /** Made once, when the first server needs it. */
    private static final class Tls {
        private static final ServerCertificate CERTIFICATE = ServerCertificate.selfSigned();
    }

    private final Options options;
    private final Model model;
    private final Faults faults;
    private final Statements statements;
    private final TdsServer server;

    public FakeSqlServer() {
        this(Options.standard());
    }

    public FakeSqlServer(Options options) {
        this.options = options;
        model = new Model(options, this::cut);
        faults = new Faults(this::cut);
        statements = new Statements(model, faults);
        server = new TdsServer(
                statements,
                Map.of(options.login(), options.password()),
                options.encrypted() ? Tls.CERTIFICATE.context() : null);
    }

    private void cut(Session session) {
        server.cut(session);
    }

    public int port() {
        return server.port();
    }

    public String login() {
        return options.login();
    }

    public String password() {
        return options.password();
    }

    public Platform platform() {
        return options.platform();
    }

    public String jdbcUrl(String database) {
        return jdbcUrl(database, port());
    }

    /** With TLS the driver checks the certificate. */
    public String jdbcUrl(String database, int port) {
        return "jdbc:sqlserver://127.0.0.1:" + port + ";databaseName={" + database.replace("}", "}}") + "};"
                + (options.encrypted()
                        ? "encrypt=true;trustStore={" + Tls.CERTIFICATE.trustStore()
                                + "};hostNameInCertificate=localhost"
                        : "encrypt=false");
    }

    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), login(), password());
    }

    public Faults faults() {
        return faults;
    }

    /** What Amazon RDS does by itself. */
    public RdsStatements rds() {
        return statements.rds();
    }

    /** What Azure SQL Database does by itself. */
    public AzureStatements azure() {
        return model.azure();
    }

    /** Cuts the connections of the sessions that are in a database. */
    public void cutConnectionsIn(String database) {
        sessionsOf(database).forEach(this::cut);
    }

    /** Takes their application locks from the sessions that are in a database. */
    public void releaseLocksIn(String database) {
        sessionsOf(database).forEach(statements::releaseLocks);
    }

    private List<Session> sessionsOf(String database) {
        synchronized (model) {
            return model.sessionsOf(model.existing(database));
        }
    }

    /** What Azure SQL Managed Instance does by itself. */
    public ManagedInstanceStatements managedInstance() {
        return statements.managedInstance();
    }

    /** Cuts every connection, in the middle of whatever is under way. */
    public void cutConnections() {
        server.cutConnections();
    }

    /** The texts of all statements so far, in their order. */
    public List<String> statements() {
        return statements.received();
    }

    /** What {@link #close} fails for. */
    public List<Throwable> defects() {
        return List.copyOf(server.defects());
    }

    /** For a test whose subject is a defect. */
    public void forgetDefects() {
        server.defects().clear();
    }

    /** The names of the databases, without those of the system. */
    public List<String> databases() {
        synchronized (model) {
            return model.databases().stream()
                    .filter(database -> !database.isSystem())
                    .map(FakeDatabase::name)
                    .sorted()
                    .toList();
        }
    }

    public boolean hasDatabase(String name) {
        synchronized (model) {
            return model.find(name).isPresent();
        }
    }

    /** Makes a database with a table {@code district} of these names. */
    public void createDatabase(String name, String... names) {
        synchronized (model) {
            FakeDatabase database = model.create(name, login(), model.newFiles(name));
            database.tables().run(List.of(DISTRICT));
            insert(database, names);
        }
    }

    /** @param created when the database was created, as the server has it */
    public void createDatabaseAt(Instant created, String name, String... names) {
        synchronized (model) {
            createDatabase(name, names);
            setCreateDate(name, created);
        }
    }

    public void setCreateDate(String database, Instant created) {
        synchronized (model) {
            model.existing(database).createDate(LocalDateTime.ofInstant(created, ZoneId.systemDefault()));
        }
    }

    /** Removes a database and its files, also while sessions use it. */
    public void removeDatabase(String name) {
        synchronized (model) {
            model.remove(model.existing(name));
        }
    }

    /** The names in the table {@code district}, in the order of their ids. */
    public List<String> districts(String database) {
        synchronized (model) {
            return model.existing(database).tables().texts("SELECT name FROM district ORDER BY id");
        }
    }

    /** Makes the table {@code district} where it is absent. */
    public void addDistricts(String database, String... names) {
        synchronized (model) {
            FakeDatabase found = model.existing(database);
            if (!found.tables().has("district")) {
                found.tables().run(List.of(DISTRICT));
            }
            insert(found, names);
        }
    }

    private static void insert(FakeDatabase database, String... names) {
        database.writeLog();
        for (String name : names) {
            database.tables().run(List.of("INSERT INTO district (name) VALUES (" + H2Text.literal(name) + ")"));
        }
    }

    /** The values in the first column of a query, which H2 answers. */
    public List<String> texts(String database, String query) {
        synchronized (model) {
            return model.existing(database).tables().texts(query);
        }
    }

    /** @param state one of {@link State} */
    public void setState(String database, int state) {
        synchronized (model) {
            model.existing(database).state(state);
        }
    }

    /** The database takes no changes, and neither do its copies. */
    public void setReadOnly(String database) {
        synchronized (model) {
            model.existing(database).readOnly(true);
        }
    }

    /** As if somebody had restored a backup over the database. */
    public void fork(String database) {
        synchronized (model) {
            model.existing(database).fork();
        }
    }

    public int state(String database) {
        synchronized (model) {
            return model.existing(database).state();
        }
    }

    public int databaseId(String database) {
        synchronized (model) {
            return model.existing(database).id();
        }
    }

    public String owner(String database) {
        synchronized (model) {
            return model.existing(database).owner();
        }
    }

    public String recoveryModel(String database) {
        synchronized (model) {
            return model.existing(database).recoveryModel();
        }
    }

    /** An extended property of a database. */
    public Optional<String> property(String database, String name) {
        synchronized (model) {
            return Optional.ofNullable(model.existing(database).properties().get(name));
        }
    }

    /** @param value null removes the property */
    public void setProperty(String database, String name, @Nullable String value) {
        synchronized (model) {
            Map<String, String> properties = model.existing(database).properties();
            if (value == null) {
                properties.remove(name);
            } else {
                properties.put(name, value);
            }
        }
    }

    /** Adds a file of FILESTREAM or full-text data, which moves as the others do, or a further data file. */
    public void addFile(String database, String logicalName, String type, String path) {
        synchronized (model) {
            model.existing(database).files().add(new DatabaseFile(logicalName, type, path, DatabaseFile.FIRST_PAGES));
            model.disk().put(path, Disk.DATABASE_FILE);
        }
    }

    /** How many sessions are in a database. */
    public long sessionsIn(String database) {
        synchronized (model) {
            return model.sessionsIn(model.existing(database));
        }
    }

    /** The server says, when it is asked, that the login does not have the right. */
    public void deny(String right) {
        synchronized (model) {
            model.denied().add(right);
        }
    }

    public void addLogin(String name) {
        synchronized (model) {
            model.logins().add(name);
        }
    }

    /**
     * Sets how far every BACKUP and RESTORE is that is under way.
     *
     * @param percent null: only the session itself may see that, as with a login without VIEW SERVER STATE
     */
    public void percentComplete(@Nullable Integer percent) {
        synchronized (model) {
            model.percentComplete(percent);
        }
    }

    /** The paths of all files on the server's disk. */
    public List<String> files() {
        synchronized (model) {
            return model.disk().paths();
        }
    }

    /** Puts a file there that is no backup. */
    public void putFile(String path) {
        synchronized (model) {
            model.disk().put(path, "a file of somebody else");
        }
    }

    /** Puts a backup of the database there, as a person may. */
    public void putBackup(String path, String database) {
        synchronized (model) {
            model.disk().put(path, model.existing(database).backup());
        }
    }

    /** The server remembers a full backup of the database that somebody made. */
    public void rememberBackup(String database, Instant finished) {
        synchronized (model) {
            model.backups().add(BackupSet.of(database, false, finished));
        }
    }

    /** The same, by a program that did not say in which time zone it was. */
    public void rememberBackupWithoutTimeZone(String database, Instant finished) {
        synchronized (model) {
            model.backups().add(BackupSet.of(database, false, finished).withUnknownTimeZone());
        }
    }

    public void removeFile(String path) {
        synchronized (model) {
            model.disk().remove(path);
        }
    }

    public void addFolder(String path) {
        synchronized (model) {
            model.disk().addFolder(path);
        }
    }

    /** @throws AssertionError if a client has sent what the fake does not know */
    @Override
    public void close() {
        List<Throwable> defects = defects();
        server.close();
        synchronized (model) {
            model.databases().forEach(database -> database.tables().close());
        }
        statements.close();
        if (!defects.isEmpty()) {
            AssertionError failed = new AssertionError("The fake SQL Server has " + defects.size() + " defects, first: "
                    + defects.get(0).getMessage());
            defects.forEach(failed::addSuppressed);
            throw failed;
        }
    }
}
