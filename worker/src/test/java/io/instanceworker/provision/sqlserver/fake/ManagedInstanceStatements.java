package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.Answer.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Azure SQL Managed Instance: backups are blobs, no database can be made single-user, and a RESTORE whose client has gone goes on
 * until the test ends it.
 */
public final class ManagedInstanceStatements {

    private static final List<Column> OPERATION = List.of(new Column("state", Integer.class));
    private static final int RUNNING = 1;
    private static final int SUCCEEDED = 2;
    private static final int FAILED = 3;

    private static final class Operation {
        private final String database;
        private final Backup backup;
        private int state = RUNNING;

        Operation(String database, Backup backup) {
            this.database = database;
            this.backup = backup;
        }
    }

    private final Model model;
    private final Faults faults;
    private final Map<String, Backup> blobs = new TreeMap<>();
    private final List<Operation> restores = new ArrayList<>();
    private boolean hidden;

    ManagedInstanceStatements(Model model, Faults faults) {
        this.model = model;
        this.faults = faults;
    }

    /** The database of a RESTORE is not in the list before it has ended. */
    public void hideRestores() {
        synchronized (model) {
            hidden = true;
        }
    }

    /** Ends what goes on without its client. */
    public void endRestores(boolean successful) {
        synchronized (model) {
            restores.stream().filter(restore -> restore.state == RUNNING).forEach(restore -> end(restore, successful));
        }
    }

    /** Puts a backup of the database there, as a person may. */
    public void putBlob(String url, String database) {
        synchronized (model) {
            blobs.put(url, model.existing(database).backup());
        }
    }

    public List<String> blobs() {
        synchronized (model) {
            return List.copyOf(blobs.keySet());
        }
    }

    void addTo(Rules rules) {
        for (String refused :
                List.of("SINGLE_USER {rest}", "MULTI_USER {rest}", "READ_WRITE {rest}", "RECOVERY {rest}")) {
            rules.change("ALTER DATABASE {name} SET " + refused, (session, match) -> {
                throw Errors.unknown(match.statement().text());
            });
        }
        rules.change(
                "BACKUP DATABASE {name} TO URL = {value} WITH COPY_ONLY, CHECKSUM, COMPRESSION", (session, match) -> {
                    session.refuseInTransaction("BACKUP DATABASE");
                    Backup backup;
                    synchronized (model) {
                        if (blobs.containsKey(match.text(1))) {
                            throw Errors.wrong(3271, "A nonrecoverable I/O error occurred on file: the blob exists.");
                        }
                        FakeDatabase database = model.open(model.existing(match.name(0)), session.session());
                        backup = database.backup();
                    }
                    faults.midway(session.session(), match.statement());
                    synchronized (model) {
                        blobs.put(match.text(1), backup);
                    }
                });
        rules.change("RESTORE DATABASE {name} FROM URL = {value}", (session, match) -> {
            session.refuseInTransaction("RESTORE DATABASE");
            Operation restore =
                    begin(match.name(0), match.text(1), session.session().login());
            faults.midway(session.session(), match.statement());
            synchronized (model) {
                end(restore, true);
            }
        });
        rules.answer(
                "SELECT TOP (1) CAST(o.state AS int) AS state FROM master.sys.dm_operation_status o"
                        + " WHERE CAST(o.major_resource_id AS nvarchar(128)) = {value} ORDER BY o.start_time DESC",
                (session, match) -> {
                    synchronized (model) {
                        List<Operation> found = restores.stream()
                                .filter(restore -> restore.database.equalsIgnoreCase(match.text(0)))
                                .toList();
                        return found.isEmpty()
                                ? Answer.rows(OPERATION, List.of())
                                : Answer.row(OPERATION, found.get(found.size() - 1).state);
                    }
                });
        rules.change(
                "IF EXISTS (SELECT 1 FROM sys.dm_exec_sessions s WHERE s.session_id = {value}"
                        + " AND s.database_id = DB_ID({value})) KILL {value}",
                (session, match) -> model.kill(match.number(0), match.text(1)));
    }

    private Operation begin(String name, String url, String owner) {
        synchronized (model) {
            Backup backup = blobs.get(url);
            if (backup == null) {
                throw Errors.wrong(3201, "Cannot open backup device '" + url + "'. Operating system error 404.");
            }
            boolean isBusy = restores.stream()
                    .anyMatch(restore -> restore.state == RUNNING && restore.database.equalsIgnoreCase(name));
            if (isBusy || model.find(name).isPresent()) {
                throw Errors.exists(name);
            }
            Operation restore = new Operation(name, backup);
            restores.add(restore);
            if (!hidden) {
                model.create(name, owner, model.newFiles(name)).state(State.RESTORING);
            }
            return restore;
        }
    }

    private void end(Operation restore, boolean successful) {
        restore.state = successful ? SUCCEEDED : FAILED;
        if (successful) {
            FakeDatabase database = model.find(restore.database)
                    .orElseGet(() ->
                            model.create(restore.database, model.options().login(), model.newFiles(restore.database)));
            database.restore(restore.backup);
            database.state(State.ONLINE);
        }
    }
}
