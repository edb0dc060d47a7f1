package io.instanceworker.provision.sqlserver.fake;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** A database. Its monitor is that of the {@link Model}. */
final class FakeDatabase {

    static final String COLLATION = "SQL_Latin1_General_CP1_CI_AS";
    static final int COMPATIBILITY_LEVEL = 160;

    private final int id;
    private final UserTables tables = new UserTables();
    private final Map<String, String> properties = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final List<DatabaseFile> files = new ArrayList<>();
    private String name;
    private String owner;
    private LocalDateTime createDate;
    private int state = State.ONLINE;
    private String recoveryModel = "FULL";
    private String collation = COLLATION;
    private int compatibilityLevel = COMPATIBILITY_LEVEL;
    private long lastLogRecord = 1;
    private UUID recoveryFork = UUID.randomUUID();
    private int userAccess;
    private boolean readOnly;

    FakeDatabase(int id, String name, String owner) {
        this.id = id;
        this.name = name;
        this.owner = owner;
        createDate = LocalDateTime.now(ZoneId.systemDefault());
    }

    Backup backup() {
        return backup(tables.script());
    }

    /** All but the rows, read-only. */
    void cloneFrom(FakeDatabase source) {
        restore(source.backup(source.tables.schema()));
        readOnly = true;
    }

    private Backup backup(List<String> script) {
        return new Backup(
                name,
                List.copyOf(files),
                script,
                Map.copyOf(properties),
                collation,
                recoveryModel,
                compatibilityLevel,
                readOnly);
    }

    void restore(Backup backup) {
        tables.run(backup.tables());
        properties.putAll(backup.properties());
        collation = backup.collation();
        recoveryModel = backup.recoveryModel();
        compatibilityLevel = backup.compatibilityLevel();
        readOnly = backup.readOnly();
    }

    int id() {
        return id;
    }

    boolean isSystem() {
        return id <= Model.LAST_SYSTEM_ID;
    }

    UserTables tables() {
        return tables;
    }

    Map<String, String> properties() {
        return properties;
    }

    List<DatabaseFile> files() {
        return files;
    }

    String name() {
        return name;
    }

    /** The server takes this for a new creation. */
    void rename(String newName) {
        name = newName;
        createDate = LocalDateTime.now(ZoneId.systemDefault());
    }

    String owner() {
        return owner;
    }

    void owner(String login) {
        owner = login;
    }

    LocalDateTime createDate() {
        return createDate;
    }

    void createDate(LocalDateTime time) {
        createDate = time;
    }

    int state() {
        return state;
    }

    void state(int number) {
        state = number;
    }

    boolean isOnline() {
        return state == State.ONLINE;
    }

    String recoveryModel() {
        return recoveryModel;
    }

    void recoveryModel(String model) {
        recoveryModel = model;
    }

    String collation() {
        return collation;
    }

    void collation(String other) {
        collation = other;
    }

    int compatibilityLevel() {
        return compatibilityLevel;
    }

    /** As sys.dm_db_log_stats has it. */
    String logEndLsn() {
        return String.format(Locale.ROOT, "%08x:%08x:0001", id, lastLogRecord);
    }

    /** To be called for every change, also one that a checkpoint makes. */
    void writeLog() {
        lastLogRecord++;
    }

    UUID recoveryFork() {
        return recoveryFork;
    }

    void fork() {
        recoveryFork = UUID.randomUUID();
    }

    boolean isReadOnly() {
        return readOnly;
    }

    void readOnly(boolean only) {
        readOnly = only;
        writeLog();
    }

    boolean isSingleUser() {
        return userAccess == 1;
    }

    /** As {@code sys.databases} shows it: 0 for all, 1 for a single one, 2 for owners and administrators. */
    int userAccess() {
        return userAccess;
    }

    void userAccess(int access) {
        userAccess = access;
    }
}
