package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.Answer.Column;
import io.instanceworker.tds.SqlError;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Amazon RDS: its procedures, its tasks and the objects in S3. A task advances with each call of {@code rds_task_status}, unless
 * the test holds it: created, in progress at 60 %, ended.
 */
public final class RdsStatements {

    private static final String BACKUP = "BACKUP_DB";
    private static final String RESTORE = "RESTORE_DB";
    private static final int HALFWAY = 60;
    private static final int COMPLETE = 100;

    private static final List<Column> STATUS = List.of(
            new Column("task_id", Integer.class),
            new Column("task_type", String.class),
            new Column("database_name", String.class),
            new Column("% complete", Integer.class),
            new Column("duration(mins)", Integer.class),
            new Column("lifecycle", String.class),
            new Column("task_info", String.class),
            new Column("last_updated", LocalDateTime.class),
            new Column("created_at", LocalDateTime.class),
            new Column("S3_object_arn", String.class),
            new Column("overwrite_s3_backup_file", Integer.class),
            new Column("KMS_master_key_arn", String.class),
            new Column("filepath", String.class),
            new Column("overwrite_file", Integer.class));

    private static final class Task {
        private final int id;
        private final String type;
        private final String database;
        private final String object;
        private final LocalDateTime created = now();
        private LocalDateTime updated = created;
        private int percent;
        private String lifecycle = "CREATED";
        private @Nullable String info;

        Task(int id, String type, String database, String object) {
            this.id = id;
            this.type = type;
            this.database = database;
            this.object = object;
        }

        boolean isPending() {
            return lifecycle.equals("CREATED") || lifecycle.equals("IN_PROGRESS");
        }

        void is(String newLifecycle, int newPercent) {
            lifecycle = newLifecycle;
            percent = newPercent;
            updated = now();
        }
    }

    private final Model model;
    private final DatabaseStatements databases;
    private final List<Task> tasks = new ArrayList<>();
    private final Map<String, Backup> objects = new TreeMap<>();
    private final Map<String, String> failures = new HashMap<>();
    private boolean held;
    private boolean multiAz;

    RdsStatements(Model model, DatabaseStatements databases) {
        this.model = model;
        this.databases = databases;
    }

    /** As long as they are held, tasks in progress stay so. */
    public void hold(boolean hold) {
        synchronized (model) {
            held = hold;
        }
    }

    /**
     * The next task of this type fails at 60 %.
     *
     * @param info what {@code task_info} says
     */
    public void failNext(String type, String info) {
        synchronized (model) {
            failures.put(type, info);
        }
    }

    public void multiAz(boolean on) {
        synchronized (model) {
            multiAz = on;
        }
    }

    /** Puts a backup of the database into S3, as a person may. */
    public void putObject(String arn, String database) {
        synchronized (model) {
            objects.put(arn, model.existing(database).backup());
        }
    }

    /** The ARNs of the objects in S3. */
    public List<String> objects() {
        synchronized (model) {
            return List.copyOf(objects.keySet());
        }
    }

    /** The tasks as {@code BACKUP_DB SUCCESS}, in the order in which they were submitted. */
    public List<String> tasks() {
        synchronized (model) {
            return tasks.stream().map(task -> task.type + " " + task.lifecycle).toList();
        }
    }

    void addTo(Rules rules) {
        rules.change("BACKUP DATABASE {rest}", (session, match) -> {
            throw refused(262, "BACKUP DATABASE permission denied in database 'master'.");
        });
        rules.change("RESTORE {rest}", (session, match) -> {
            throw refused(262, "RESTORE permission denied in database 'master'.");
        });
        rules.change("EXEC master.sys.xp_delete_file {rest}", (session, match) -> {
            throw refused(229, "The EXECUTE permission was denied on the object 'xp_delete_file'.");
        });
        rules.change("ALTER DATABASE {name} MODIFY NAME = {name}", (session, match) -> {
            throw Errors.cannotAlter(match.name(0));
        });
        rules.change(
                "EXEC msdb.dbo.rds_backup_database @source_db_name = {value}, @s3_arn_to_backup_to = {value},"
                        + " @overwrite_s3_backup_file = 1, @type = N'FULL'",
                (session, match) -> submit(session, BACKUP, match));
        rules.change(
                "EXEC msdb.dbo.rds_restore_database @restore_db_name = {value}, @s3_arn_to_restore_from = {value}",
                (session, match) -> submit(session, RESTORE, match));
        rules.answer("EXEC msdb.dbo.rds_task_status", (session, match) -> {
            synchronized (model) {
                tasks.forEach(this::advance);
                return status();
            }
        });
        rules.change("EXEC rdsadmin.dbo.rds_modify_db_name {value}, {value}", (session, match) -> {
            session.refuseInTransaction("ALTER DATABASE");
            databases.rename(session, match.text(0), match.text(1));
        });
        rules.change("EXEC msdb.dbo.rds_drop_database @db_name = {value}", (session, match) -> {
            session.refuseInTransaction("DROP DATABASE");
            synchronized (model) {
                drop(session, match.text(0));
            }
        });
        rules.answer("""
                SELECT COUNT(*) AS replicated FROM sys.databases d
                LEFT JOIN sys.database_mirroring m ON m.database_id = d.database_id
                LEFT JOIN sys.dm_hadr_database_replica_states r ON r.database_id = d.database_id AND r.is_local = 1
                WHERE d.name = N'rdsadmin' AND (m.mirroring_state_desc IS NOT NULL OR r.group_database_id IS NOT NULL)
                """, (session, match) -> {
            synchronized (model) {
                return Answer.row(List.of(new Column("replicated", Integer.class)), multiAz ? 1 : 0);
            }
        });
    }

    private static SqlError refused(int number, String message) {
        return Errors.noAccess(number, message);
    }

    private static SqlError failed(String message) {
        return Errors.wrong(50_000, message);
    }

    private void submit(SessionState session, String type, Template.Match match) {
        if (session.isInTransaction()) {
            throw failed("Native backup and restore are not supported in a transaction.");
        }
        synchronized (model) {
            String database = match.text(0);
            if (type.equals(BACKUP)) {
                model.open(model.existing(database), session.session());
            } else if (model.find(database).isPresent()) {
                throw failed("Database " + database + " already exists. Database names are unique.");
            } else if (isPending(database)) {
                throw failed("A restore task for the database " + database + " is pending already.");
            }
            tasks.add(new Task(tasks.size() + 1, type, database, match.text(1)));
        }
    }

    private boolean isPending(String database) {
        return tasks.stream()
                .anyMatch(task ->
                        task.type.equals(RESTORE) && task.isPending() && task.database.equalsIgnoreCase(database));
    }

    private void advance(Task task) {
        if (task.lifecycle.equals("CREATED")) {
            if (task.type.equals(RESTORE)) {
                model.create(task.database, model.options().login(), model.newFiles(task.database))
                        .state(State.RESTORING);
            }
            task.is("IN_PROGRESS", HALFWAY);
        } else if (task.lifecycle.equals("IN_PROGRESS") && !held) {
            task.info = failures.remove(task.type);
            if (task.info == null && task.type.equals(RESTORE) && !objects.containsKey(task.object)) {
                task.info = "The S3 object does not exist.";
            }
            if (task.info == null) {
                end(task);
            }
            task.is(task.info == null ? "SUCCESS" : "ERROR", task.info == null ? COMPLETE : HALFWAY);
        }
    }

    private void end(Task task) {
        FakeDatabase database = model.existing(task.database);
        if (task.type.equals(BACKUP)) {
            objects.put(task.object, database.backup());
        } else {
            database.restore(objects.get(task.object));
            database.state(State.ONLINE);
        }
    }

    private Answer status() {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Task task : tasks) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add(task.id);
            row.add(task.type);
            row.add(task.database);
            row.add(task.percent);
            row.add(0);
            row.add(task.lifecycle);
            row.add(task.info);
            row.add(task.updated);
            row.add(task.created);
            row.add(task.object);
            row.add(task.type.equals(BACKUP) ? 1 : null);
            row.add(null);
            row.add(null);
            row.add(null);
            rows.add(row);
        }
        return Answer.rows(STATUS, rows);
    }

    private void drop(SessionState session, String name) throws InterruptedException {
        FakeDatabase database = model.find(name).orElseThrow(() -> Errors.cannotDrop(name));
        if (isPending(name)) {
            throw failed("The database " + name + " has a pending restore task.");
        }
        model.endOthersIn(database, session.session());
        model.remove(database);
    }

    private static LocalDateTime now() {
        return LocalDateTime.now(ZoneOffset.UTC);
    }
}
