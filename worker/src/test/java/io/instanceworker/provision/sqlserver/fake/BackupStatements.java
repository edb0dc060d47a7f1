package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.Answer.Column;
import io.instanceworker.tds.SqlError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Backups, what is made of them, and their files. */
final class BackupStatements {

    /** The content of a file whose backup has not ended. */
    private static final Object UNFINISHED = "an unfinished backup";

    private static final long MAX_SIZE = 35_184_372_080_640L;
    private static final Set<String> BACKUP_OPTIONS = Set.of("COPY_ONLY", "CHECKSUM", "FORMAT");
    private static final Pattern MOVE = Pattern.compile(
            ",?\\s*MOVE\\s+(" + SqlText.LITERAL + ")\\s+TO\\s+(" + SqlText.LITERAL + ")\\s*", Pattern.CASE_INSENSITIVE);
    private static final List<Column> FILE_LIST = List.of(
            new Column("LogicalName", String.class),
            new Column("PhysicalName", String.class),
            new Column("Type", String.class),
            new Column("FileGroupName", String.class),
            new Column("Size", Long.class),
            new Column("MaxSize", Long.class),
            new Column("FileId", Long.class));
    private static final List<Column> FILE_EXISTS = List.of(new Column("file_exists", Boolean.class));

    private final Model model;
    private final Disk disk;
    private final Faults faults;

    BackupStatements(Model model, Faults faults) {
        this.model = model;
        this.faults = faults;
        disk = model.disk();
    }

    void addTo(Rules rules) {
        rules.change("BACKUP DATABASE {name} TO DISK = {value} WITH {rest}", (session, match) -> {
            refuseInTransaction(session);
            Backup backup = begin(session, match.name(0), match.text(1), match.word(2));
            midway(session, match);
            synchronized (model) {
                disk.put(match.text(1), backup);
                model.backups()
                        .add(BackupSet.of(backup.database(), match.word(2).contains("COPY_ONLY"), Instant.now()));
            }
        });
        rules.answer("RESTORE FILELISTONLY FROM DISK = {value}", (session, match) -> {
            refuseInTransaction(session);
            synchronized (model) {
                return fileList(read(match.text(0)));
            }
        });
        rules.change(
                "RESTORE DATABASE {name} FROM DISK = {value} WITH {rest}",
                (session, match) -> restore(session, match, moves(match)));
        rules.change("EXEC master.sys.xp_delete_file 0, {value}", (session, match) -> {
            synchronized (model) {
                if (!disk.hasFile(match.text(0))) {
                    throw Errors.wrong(22049, "xp_delete_file() returned error 2.");
                }
                // It leaves a backup that is not whole, and says nothing.
                if (disk.content(match.text(0)) instanceof Backup) {
                    disk.remove(match.text(0));
                }
            }
        });
        rules.answer("SELECT f.file_exists FROM sys.dm_os_file_exists({value}) f", (session, match) -> {
            synchronized (model) {
                return Answer.row(FILE_EXISTS, disk.hasFile(match.text(0)));
            }
        });
    }

    /** Meanwhile other sessions can see how far it is. */
    private void midway(SessionState session, Template.Match match) throws InterruptedException {
        synchronized (model) {
            model.requests().add(session.session());
        }
        try {
            faults.midway(session.session(), match.statement());
        } finally {
            synchronized (model) {
                model.requests().remove(session.session());
            }
        }
    }

    private static void refuseInTransaction(SessionState session) {
        if (session.isInTransaction()) {
            throw Errors.wrong(3021, "Cannot perform a backup or restore operation within a transaction.");
        }
    }

    private static void checkOptions(String text) {
        Set<String> options =
                new HashSet<>(List.of(text.strip().toUpperCase(Locale.ROOT).split("\\s*,\\s*")));
        if (!BACKUP_OPTIONS.containsAll(options) || !options.contains("FORMAT")) {
            throw Errors.unknown("BACKUP WITH " + text);
        }
    }

    private Backup begin(SessionState session, String name, String path, String options) {
        checkOptions(options);
        synchronized (model) {
            FakeDatabase database = model.open(model.existing(name), session.session());
            if (!disk.hasFolderOf(path)) {
                throw cannotOpen(path, "3(The system cannot find the path specified.)");
            }
            Object there = disk.content(path);
            if (there != null && !(there instanceof Backup) && !UNFINISHED.equals(there)) {
                throw cannotOpen(
                        path, "32(The process cannot access the file because it is being used by another process.)");
            }
            disk.put(path, UNFINISHED);
            if (!database.isReadOnly()) {
                // A backup begins with a checkpoint.
                database.writeLog();
            }
            return database.backup();
        }
    }

    private static SqlError cannotOpen(String path, String why) {
        return Errors.wrong(3201, "Cannot open backup device '" + path + "'. Operating system error " + why + ".");
    }

    private Backup read(String path) {
        Object there = disk.content(path);
        if (there == null) {
            throw cannotOpen(path, "2(The system cannot find the file specified.)");
        }
        if (there instanceof Backup backup) {
            return backup;
        }
        throw Errors.wrong(
                3241,
                "The media family on device '" + path
                        + "' is incorrectly formed. SQL Server cannot process this media family.");
    }

    private static Answer fileList(Backup backup) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (DatabaseFile file : backup.files()) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add(file.logicalName());
            row.add(file.path());
            row.add(file.type());
            row.add(file.type().equals("L") ? null : "PRIMARY");
            row.add((long) file.pages() * DatabaseFile.PAGE);
            row.add(MAX_SIZE);
            row.add(rows.size() + 1L);
            rows.add(row);
        }
        return Answer.rows(FILE_LIST, rows);
    }

    private static Map<String, String> moves(Template.Match match) {
        Map<String, String> moves = new LinkedHashMap<>();
        Matcher move = MOVE.matcher(match.word(2));
        int end = 0;
        while (move.find() && move.start() == end) {
            moves.put(SqlText.unquote(move.group(1)), SqlText.unquote(move.group(2)));
            end = move.end();
        }
        if (end != match.word(2).length()) {
            throw Errors.unknown(match.statement().text());
        }
        return moves;
    }

    /** One that fails or is cancelled on its way leaves its database in the state of being restored. */
    private void restore(SessionState session, Template.Match match, Map<String, String> moves)
            throws InterruptedException {
        refuseInTransaction(session);
        Backup backup;
        FakeDatabase database;
        synchronized (model) {
            String name = match.name(0);
            backup = read(match.text(1));
            if (model.find(name).isPresent()) {
                throw Errors.wrong(
                        3154,
                        "The backup set holds a backup of a database other than the existing '" + name + "' database.");
            }
            List<DatabaseFile> files = placed(backup, moves);
            database = model.create(name, session.session().login(), files);
            database.state(State.RESTORING);
        }
        midway(session, match);
        synchronized (model) {
            database.restore(backup);
            database.state(State.ONLINE);
        }
    }

    private List<DatabaseFile> placed(Backup backup, Map<String, String> moves) {
        for (String moved : moves.keySet()) {
            if (backup.files().stream().noneMatch(file -> file.logicalName().equalsIgnoreCase(moved))) {
                throw Errors.wrong(
                        3234,
                        "Logical file '" + moved + "' is not part of database '" + backup.database()
                                + "'. Use RESTORE FILELISTONLY to list the logical file names.");
            }
        }
        List<DatabaseFile> files = new ArrayList<>();
        for (DatabaseFile file : backup.files()) {
            DatabaseFile placed = moves.entrySet().stream()
                    .filter(move -> move.getKey().equalsIgnoreCase(file.logicalName()))
                    .findFirst()
                    .map(move -> file.at(move.getValue()))
                    .orElse(file);
            refuseIfThere(placed, files);
            files.add(placed);
        }
        return files;
    }

    private void refuseIfThere(DatabaseFile file, List<DatabaseFile> others) {
        Platform platform = model.options().platform();
        String key = platform.key(file.path());
        model.databases().stream()
                .filter(database -> database.files().stream()
                        .anyMatch(other -> platform.key(other.path()).equals(key)))
                .findFirst()
                .ifPresent(user -> {
                    throw Errors.wrong(
                            1834,
                            "The file '" + file.path() + "' cannot be overwritten.  It is being used by database '"
                                    + user.name() + "'.");
                });
        if (disk.hasFile(file.path())) {
            throw Errors.wrong(
                    3142,
                    "File \"" + file.logicalName() + "\" cannot be restored over the existing \"" + file.path()
                            + "\". Reissue the RESTORE statement using WITH REPLACE to overwrite pre-existing files, or WITH MOVE to identify an alternate location.");
        }
        if (others.stream().anyMatch(other -> platform.key(other.path()).equals(key))) {
            throw Errors.wrong(
                    3176,
                    "File '" + file.path()
                            + "' is claimed by two files. The WITH MOVE clause can be used to relocate one or more files.");
        }
    }
}
