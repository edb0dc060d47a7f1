package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Session;
import io.instanceworker.tds.SqlError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The state of the server. Whoever reads or changes it holds its monitor. */
final class Model {

    static final int LAST_SYSTEM_ID = 4;

    private static final Duration LEAVING = Duration.ofSeconds(2);

    private static final String SYSTEM = "sa";

    private final Options options;
    private final Disk disk;
    private final Consumer<Session> cut;
    private final List<FakeDatabase> databases = new ArrayList<>();
    private final Map<Session, SessionState> sessions = new LinkedHashMap<>();
    private final AzureStatements azure = new AzureStatements(this);
    private final Set<String> logins = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> denied = new HashSet<>();
    private final List<BackupSet> backups = new ArrayList<>();
    private final Set<Session> requests = new HashSet<>();
    private @Nullable Integer percentComplete = 0;

    /** @param cut ends the connection of a session */
    Model(Options options, Consumer<Session> cut) {
        this.options = options;
        this.cut = cut;
        disk = new Disk(options.platform());
        logins.add(SYSTEM);
        logins.add(options.login());
        for (String name : List.of("master", "tempdb", "model", "msdb")) {
            create(name, SYSTEM, newFiles(name));
        }
        if (options.platform() == Platform.AMAZON_RDS) {
            create("rdsadmin", SYSTEM, newFiles("rdsadmin"));
        }
    }

    Options options() {
        return options;
    }

    boolean isAzure() {
        return options.platform() == Platform.AZURE_SQL_DATABASE;
    }

    AzureStatements azure() {
        return azure;
    }

    Disk disk() {
        return disk;
    }

    List<FakeDatabase> databases() {
        return databases;
    }

    Set<String> logins() {
        return logins;
    }

    /** The rights that the worker's login does not have. */
    Set<String> denied() {
        return denied;
    }

    /** As msdb remembers them. */
    List<BackupSet> backups() {
        return backups;
    }

    /** The sessions that are in the middle of a BACKUP or RESTORE. */
    Set<Session> requests() {
        return requests;
    }

    /** Null if other sessions may not see it. */
    @Nullable Integer percentComplete() {
        return percentComplete;
    }

    void percentComplete(@Nullable Integer percent) {
        percentComplete = percent;
    }

    List<SessionState> sessions() {
        return List.copyOf(sessions.values());
    }

    Optional<FakeDatabase> find(String name) {
        return databases.stream()
                .filter(database -> database.name().equalsIgnoreCase(name))
                .findFirst();
    }

    FakeDatabase existing(String name) {
        return find(name).orElseThrow(() -> Errors.absent(name));
    }

    FakeDatabase current(SessionState session) {
        return existing(session.database());
    }

    /** On Azure SQL Database a name with three parts is only for the session's own database. */
    void refuseOther(SessionState session, String database) {
        if (isAzure() && !session.database().equalsIgnoreCase(database)) {
            throw Errors.wrong(
                    40515, "Reference to database and/or server name in '" + database + "' is not supported.");
        }
    }

    /** A database that this session can work in. */
    FakeDatabase open(FakeDatabase database, Session session) {
        if (!database.isOnline()) {
            throw Errors.notOnline(database);
        }
        if (database.isSingleUser() && othersIn(database, session) > 0) {
            throw Errors.noAccess(
                    924, "Database '" + database.name() + "' is already open and can only have one user at a time.");
        }
        return database;
    }

    List<DatabaseFile> newFiles(String name) {
        String path = options.platform().dataPath();
        return List.of(
                new DatabaseFile(name, "D", path + name + ".mdf", DatabaseFile.FIRST_PAGES),
                new DatabaseFile(name + "_log", "L", path + name + "_log.ldf", DatabaseFile.FIRST_PAGES));
    }

    FakeDatabase create(String name, String owner, List<DatabaseFile> files) {
        if (find(name).isPresent()) {
            throw Errors.exists(name);
        }
        for (DatabaseFile file : files) {
            if (!disk.takes(file.path())) {
                throw Errors.wrong(
                        5133,
                        "Directory lookup for the file \"" + file.path()
                                + "\" failed with the operating system error 2(The system cannot find the file specified.).");
            }
            if (disk.hasFile(file.path())) {
                throw Errors.wrong(
                        5170,
                        "Cannot create file '" + file.path()
                                + "' because it already exists. Change the file path or the file name, and retry the operation.");
            }
        }
        int id = 1;
        while (isTaken(id)) {
            id++;
        }
        FakeDatabase database = new FakeDatabase(id, name, owner);
        for (DatabaseFile file : files) {
            database.files().add(file);
            disk.put(file.path(), Disk.DATABASE_FILE);
        }
        databases.add(database);
        return database;
    }

    private boolean isTaken(int id) {
        return databases.stream().anyMatch(database -> database.id() == id);
    }

    /** The server leaves the files of a database that is offline. */
    void remove(FakeDatabase database) {
        databases.remove(database);
        if (database.state() != State.OFFLINE) {
            database.files().forEach(file -> disk.remove(file.path()));
        }
        database.tables().close();
    }

    List<Session> sessionsOf(FakeDatabase database) {
        return sessions.keySet().stream()
                .filter(session -> isIn(session, database))
                .toList();
    }

    long sessionsIn(FakeDatabase database) {
        return sessionsOf(database).size();
    }

    long othersIn(FakeDatabase database, Session session) {
        return sessionsIn(database) - (sessions.containsKey(session) && isIn(session, database) ? 1 : 0);
    }

    private static boolean isIn(Session session, FakeDatabase database) {
        return session.database().equalsIgnoreCase(database.name());
    }

    /** Waits a moment for sessions in a database that clients have closed just now. */
    void awaitNobodyIn(FakeDatabase database) throws InterruptedException {
        long end = System.nanoTime() + LEAVING.toNanos();
        synchronized (this) {
            while (sessionsIn(database) > 0 && System.nanoTime() < end) {
                wait(LEAVING.toMillis());
            }
        }
    }

    /** Renames a database in which nobody but this session is. */
    void rename(FakeDatabase database, String newName, Session by) {
        boolean isIn = isIn(by, database);
        database.rename(newName);
        if (isIn) {
            by.use(newName);
        }
    }

    /** Ends the other sessions in the database, and waits until their transactions are rolled back. */
    void endOthersIn(FakeDatabase database, Session own) throws InterruptedException {
        for (Session session : List.copyOf(sessions.keySet())) {
            if (session != own && isIn(session, database)) {
                cut.accept(session);
            }
        }
        synchronized (this) {
            while (othersIn(database, own) > 0) {
                wait();
            }
        }
    }

    /** Ends a session, if it is in the database, and waits until it has ended. */
    void kill(int id, String database) throws InterruptedException {
        Session killed;
        synchronized (this) {
            killed = sessions.keySet().stream()
                    .filter(session -> session.id() == id && session.database().equalsIgnoreCase(database))
                    .findFirst()
                    .orElse(null);
        }
        if (killed != null) {
            cut.accept(killed);
            synchronized (this) {
                while (sessions.containsKey(killed)) {
                    wait();
                }
            }
        }
    }

    synchronized void began(Session session) {
        String asked = session.database();
        azure.refuseLogin(asked);
        try {
            session.use(open(existing(asked), session).name());
        } catch (SqlError e) {
            throw Errors.cannotLogInTo(asked);
        }
        sessions.put(session, new SessionState(session));
    }

    synchronized SessionState state(Session session) {
        return Optional.ofNullable(sessions.get(session)).orElseThrow();
    }

    /** @param released what is still to be done while the session counts as one */
    void ended(Session session, Runnable released) {
        SessionState state;
        synchronized (this) {
            state = sessions.get(session);
        }
        if (state == null) {
            return;
        }
        state.close();
        released.run();
        synchronized (this) {
            sessions.remove(session);
            notifyAll();
        }
    }
}
