package io.instanceworker.provision.sqlserver;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Every T-SQL text of the engine, but for those on the table {@code job_run}, which the engines share. Values are parameters
 * wherever SQL Server takes parameters; where it does not, the text quotes them. {@code docs/sqlserver-statements.md} says why
 * each statement is written as it is.
 */
final class TSql {

    /** The extended property of a database that holds the ownership mark. */
    static final String MARK = "InstanceWorker";

    /** The extended property of a deleted database in the trash. */
    static final String TRASH_MARK = "InstanceWorkerTrash";

    static final String SERVER = """
            SELECT CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine_edition,
                   CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
                   CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition,
                   CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(400)) AS data_path,
                   CAST(SERVERPROPERTY('InstanceDefaultLogPath') AS nvarchar(400)) AS log_path,
                   CAST(SERVERPROPERTY('InstanceDefaultBackupPath') AS nvarchar(400)) AS backup_path,
                   DB_ID(N'rdsadmin') AS rdsadmin
            """;

    static final String PROBE = "SELECT 1";

    static final String CLOCK = "SELECT SYSDATETIMEOFFSET() AS server_time";

    static final String MAY_CREATE = "SELECT HAS_PERMS_BY_NAME(NULL, NULL, N'CREATE ANY DATABASE') AS may_create";

    /** In the journal's database: whether the login may create a table and use it. HAS_PERMS_BY_NAME is NULL for an unknown name. */
    static final String MAY_CREATE_TABLE = """
            SELECT CASE WHEN HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'CREATE TABLE') = 1
                         AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'ALTER') = 1
                         AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'SELECT') = 1
                         AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'INSERT') = 1
                         AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'UPDATE') = 1
                         AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'DELETE') = 1 THEN 1 ELSE 0 END AS may_create
            """;

    /** In {@code master} of Azure SQL Database. Its administrator is dbo there. */
    static final String AZURE_MAY_CREATE = """
            SELECT CASE WHEN IS_MEMBER(N'dbmanager') = 1 OR USER_NAME() = N'dbo'
                          OR IS_SRVROLEMEMBER(N'##MS_DatabaseManager##') = 1 THEN 1 ELSE 0 END AS may_create
            """;

    /** In the journal's database. Parameters are the table and the right. NULL if there is no such table. */
    static final String TABLE_RIGHT = "SELECT HAS_PERMS_BY_NAME(?, N'OBJECT', ?) AS is_granted";

    static final String LOCK = """
            DECLARE @taken int;
            EXEC @taken = sys.sp_getapplock @Resource = ?, @LockMode = ?, @LockOwner = N'Session', @LockTimeout = ?;
            SELECT @taken AS taken, @@SPID AS session_id
            """;

    /** Parameter: the session. No row for a session that executes nothing, or without VIEW SERVER STATE. */
    static final String PROGRESS = """
            SELECT CAST(r.percent_complete AS int) AS percent_complete
            FROM sys.dm_exec_requests r
            WHERE r.session_id = ?
            """;

    /** The mode in which this session holds a lock, {@code NoLock} if it does not. */
    static final String LOCK_MODE = "SELECT APPLOCK_MODE(N'public', ?, N'Session') AS lock_mode";

    static final String UNLOCK = "EXEC sys.sp_releaseapplock @Resource = ?, @LockOwner = N'Session'";

    private static final String DATABASE = """
            SELECT d.name, d.database_id, d.state, d.user_access, d.create_date, HAS_DBACCESS(d.name) AS has_access
            FROM sys.databases d
            """;

    static final String DATABASE_BY_NAME = DATABASE + "WHERE d.name = ?";

    /** The databases with an id up to 4 are master, tempdb, model and msdb. */
    static final String DATABASES = DATABASE + "WHERE d.database_id > 4";

    /** For {@code LIKE}. */
    static final String DATABASES_LIKE = DATABASE + "WHERE d.name LIKE ?";

    /** 0 if everybody may enter the database. */
    static final String USER_ACCESS = "SELECT d.user_access FROM sys.databases d WHERE d.name = ?";

    static final String NOW = "SELECT SYSDATETIMEOFFSET() AS now";

    static final String DATABASE_STATE = "SELECT d.state FROM sys.databases d WHERE d.name = ?";

    /** Azure SQL Database does not have HAS_DBACCESS. */
    private static final String AZURE_DATABASE = """
            SELECT d.name, d.database_id, d.state, d.user_access, d.create_date, 1 AS has_access, d.collation_name,
                   d.compatibility_level, d.recovery_model_desc, SUSER_SNAME(d.owner_sid) AS owner
            FROM sys.databases d
            """;

    static final String AZURE_DATABASE_BY_NAME = AZURE_DATABASE + "WHERE d.name = ?";

    static final String AZURE_DATABASES = AZURE_DATABASE + "WHERE d.name <> N'master'";

    /** Parameters: the database, twice. A backup from before it got its name is that of an earlier database. */
    static final String LAST_BACKUP = """
            SELECT TOP (1) b.backup_finish_date, COALESCE(b.time_zone, 127) AS time_zone, SYSDATETIMEOFFSET() AS now
            FROM msdb.dbo.backupset b
            WHERE b.database_name = ? AND b.type = 'D' AND b.is_copy_only = 0
              AND b.backup_finish_date >= (SELECT d.create_date FROM sys.databases d WHERE d.name = ?)
            ORDER BY b.backup_finish_date DESC
            """;

    static final String STAGING = """
            SELECT d.name, DATEDIFF_BIG(millisecond, d.create_date, SYSDATETIME()) AS age_ms
            FROM sys.databases d
            WHERE d.name LIKE ?
            """;

    static final String BACKUP_FILES = """
            SELECT f.staging_name, f.path, f.source, DATEDIFF_BIG(millisecond, f.created_at, SYSDATETIMEOFFSET()) AS age_ms
            FROM dbo.backup_file f
            """;

    /** Of the staging databases whose names are {@code LIKE} the parameter. */
    static final String BACKUP_FILES_OF = BACKUP_FILES + "WHERE f.staging_name LIKE ?";

    static final String BACKUP_FILES_OF_SOURCE = BACKUP_FILES + "WHERE f.source = ?";

    static final String INSERT_BACKUP_FILE =
            "INSERT INTO dbo.backup_file (path, staging_name, source, created_at) VALUES (?, ?, ?, SYSDATETIMEOFFSET())";

    static final String REMOVE_BACKUP_FILE_ROW = "DELETE FROM dbo.backup_file WHERE path = ?";

    /** NULL where the server does not know it. */
    static final String TEMPLATE_VERSION = """
            SELECT d.database_id, d.create_date, CAST(r.recovery_fork_guid AS nvarchar(36)) AS recovery_fork_guid, s.log_end_lsn
            FROM sys.databases d
            JOIN sys.database_recovery_status r ON r.database_id = d.database_id
            CROSS APPLY sys.dm_db_log_stats(d.database_id) s
            WHERE d.name = ?
            """;

    static final String TEMPLATE_BACKUP =
            "SELECT b.path, b.template_identity, b.log_end_lsn FROM dbo.template_backup b WHERE b.template_key = ?";

    private static final String BEGIN = "SET XACT_ABORT ON; BEGIN TRANSACTION; ";

    /** Parameters: key, path, identity and LSN of the template's backup, and the path again. */
    static final String KEEP_TEMPLATE_BACKUP = BEGIN
            + "INSERT INTO dbo.template_backup (template_key, path, template_identity, log_end_lsn, created_at)"
            + " VALUES (?, ?, ?, ?, SYSDATETIMEOFFSET()); "
            + REMOVE_BACKUP_FILE_ROW + "; COMMIT TRANSACTION";

    /** Parameters: those of {@link #INSERT_BACKUP_FILE}, and the template's key. */
    static final String DISCARD_TEMPLATE_BACKUP =
            BEGIN + INSERT_BACKUP_FILE + "; DELETE FROM dbo.template_backup WHERE template_key = ?; COMMIT TRANSACTION";

    /** Where the server copies by itself a row is that of a copy: its job has called now. */
    static final String TOUCH_BACKUP_FILE =
            "UPDATE dbo.backup_file SET created_at = SYSDATETIMEOFFSET() WHERE path = ?";

    /** Amazon RDS: the backups and restores of the last 36 days. */
    static final String RDS_TASKS = "EXEC msdb.dbo.rds_task_status";

    /** Amazon RDS: parameters are the database and the ARN. The object may be that of an earlier attempt. */
    static final String RDS_BACKUP = "EXEC msdb.dbo.rds_backup_database @source_db_name = ?, @s3_arn_to_backup_to = ?,"
            + " @overwrite_s3_backup_file = 1, @type = N'FULL'";

    /** Amazon RDS: parameters are the database, which must not exist, and the ARN. */
    static final String RDS_RESTORE =
            "EXEC msdb.dbo.rds_restore_database @restore_db_name = ?, @s3_arn_to_restore_from = ?";

    /** Amazon RDS: ends the sessions on a database and drops it. */
    static final String RDS_DROP = "EXEC msdb.dbo.rds_drop_database @db_name = ?";

    /** Amazon RDS: its own database is mirrored or in an availability group where the DB instance uses Multi-AZ. */
    static final String RDS_MULTI_AZ = """
            SELECT COUNT(*) AS replicated
            FROM sys.databases d
            LEFT JOIN sys.database_mirroring m ON m.database_id = d.database_id
            LEFT JOIN sys.dm_hadr_database_replica_states r ON r.database_id = d.database_id AND r.is_local = 1
            WHERE d.name = N'rdsadmin' AND (m.mirroring_state_desc IS NOT NULL OR r.group_database_id IS NOT NULL)
            """;

    /** Azure SQL Managed Instance: 0 and 1 are an operation that is to be or is under way, 2 one that has succeeded. */
    static final String NEWEST_OPERATION = """
            SELECT TOP (1) CAST(o.state AS int) AS state
            FROM master.sys.dm_operation_status o
            WHERE CAST(o.major_resource_id AS nvarchar(128)) = ?
            ORDER BY o.start_time DESC
            """;

    static final String SESSIONS_IN =
            "SELECT s.session_id FROM sys.dm_exec_sessions s WHERE s.database_id = DB_ID(?) AND s.is_user_process = 1";

    /** The first argument says that it is a backup file. Unlike a shell, the procedure removes nothing else. */
    static final String DELETE_BACKUP_FILE = "EXEC master.sys.xp_delete_file 0, ?";

    /** Unlike {@code xp_fileexist}, it answers every login. */
    static final String FILE_EXISTS = "SELECT f.file_exists FROM sys.dm_os_file_exists(?) f";

    /** Azure SQL Database: a copy that runs or has failed. */
    static final String AZURE_COPY = """
            SELECT CAST(c.percent_complete AS int) AS percent_complete, c.error_code, c.error_desc
            FROM sys.dm_database_copies c
            JOIN sys.databases d ON d.database_id = c.database_id
            WHERE d.name = ?
            """;

    /** Azure SQL Database: the mark of the database that the session is in. */
    static final String AZURE_MARK = "SELECT CAST(p.value AS nvarchar(4000)) AS mark FROM sys.extended_properties p"
            + " WHERE p.class = 0 AND p.name = " + text(MARK);

    /** Azure SQL Database: parameters are the mark, twice. Of the database that the session is in. */
    static final String AZURE_SET_MARK = setPropertyIn("", MARK);

    /** Azure SQL Database: the parameter is the mark. Fails if the database that the session is in has one. */
    static final String AZURE_ADD_MARK = addMarkIn("");

    /** Azure SQL Database: sizes in bytes of the database that the session is in, and its sessions without the worker's. */
    static final String AZURE_MEASURES = """
            SELECT (SELECT SUM(CAST(f.size AS bigint)) * 8192 FROM sys.database_files f WHERE f.type <> 1) AS data_bytes,
                   (SELECT SUM(CAST(f.size AS bigint)) * 8192 FROM sys.database_files f WHERE f.type = 1) AS log_bytes,
                   (SELECT COUNT(*) FROM sys.dm_exec_sessions s
                    WHERE s.database_id = DB_ID() AND s.is_user_process = 1
                      AND COALESCE(s.program_name, N'') <> N'instance-worker') AS connections
            """;

    private TSql() {}

    /** A quoted name. */
    static String name(String name) {
        return "[" + name.replace("]", "]]") + "]";
    }

    static String text(String text) {
        return "N'" + text.replace("'", "''") + "'";
    }

    /** In the journal's database. No row, but every column. */
    static String columns(String table) {
        return "SELECT * FROM dbo." + name(table) + " WHERE 1 = 0";
    }

    static String create(String database) {
        return "CREATE DATABASE " + name(database);
    }

    /** Azure SQL Database: starts a copy. */
    static String copyOf(String database, String source) {
        return create(database) + " AS COPY OF " + name(source);
    }

    /** Azure SQL Database: the end of a statement that makes a database. The objective consists of letters, digits and underscores. */
    static String serviceObjective(String objective) {
        return " (SERVICE_OBJECTIVE = '" + objective + "')";
    }

    /** Azure SQL Database: the end of a statement that makes a database. */
    static String inElasticPool(String pool) {
        return " (SERVICE_OBJECTIVE = ELASTIC_POOL(name = " + name(pool) + "))";
    }

    static String rename(String database, String newName) {
        return "ALTER DATABASE " + name(database) + " MODIFY NAME = " + name(newName);
    }

    static String rdsRename(String database, String newName) {
        return "EXEC rdsadmin.dbo.rds_modify_db_name " + text(database) + ", " + text(newName);
    }

    static String setRecovery(String database, String model) {
        return "ALTER DATABASE " + name(database) + " SET RECOVERY " + model;
    }

    static String setOwner(String database, String login) {
        return "ALTER AUTHORIZATION ON DATABASE::" + name(database) + " TO " + name(login);
    }

    /** For a database that nobody can be connected to. */
    static String drop(String database) {
        return "DROP DATABASE " + name(database);
    }

    /**
     * Takes the only seat of the database, leaves it and drops it, in one batch: between two batches somebody else could take the
     * seat.
     *
     * @param after the database in which the session is then
     */
    static String dropOnline(String database, String after) {
        return "USE " + name(database) + "; ALTER DATABASE " + name(database)
                + " SET SINGLE_USER WITH ROLLBACK IMMEDIATE; USE " + name(after) + "; " + drop(database);
    }

    /** For a database that the worker's login may not enter, or whose only seat is somebody else's. */
    static String dropWithoutEntering(String database) {
        return "ALTER DATABASE " + name(database) + " SET SINGLE_USER WITH ROLLBACK IMMEDIATE; " + drop(database);
    }

    /** Azure SQL Managed Instance. A session may have ended meanwhile, and its number may be that of another. */
    static String dropEndingSessions(String database, Collection<Integer> sessions) {
        return sessions.stream()
                        .map(id -> "IF EXISTS (SELECT 1 FROM sys.dm_exec_sessions s WHERE s.session_id = " + id
                                + " AND s.database_id = DB_ID(" + text(database) + ")) KILL " + id + "; ")
                        .collect(Collectors.joining())
                + drop(database);
    }

    /** A copy of a read-only database is read-only, and takes no mark. */
    static String setReadWrite(String database) {
        return "ALTER DATABASE " + name(database) + " SET READ_WRITE WITH ROLLBACK IMMEDIATE";
    }

    /** Opens a database only to those who administer it. */
    static String setRestrictedUser(String database) {
        return "ALTER DATABASE " + name(database) + " SET RESTRICTED_USER";
    }

    /** Opens a database to everybody again whose drop has failed. */
    static String setMultiUser(String database) {
        return "ALTER DATABASE " + name(database) + " SET MULTI_USER WITH ROLLBACK IMMEDIATE";
    }

    static String use(String database) {
        return "USE " + name(database);
    }

    /**
     * Takes the only seat of the database, renames it from inside, admits only its owners and administrators from then on, and
     * leaves it, in one batch: nobody can take the seat in between.
     *
     * @param after the database in which the session is then
     */
    static String trash(String database, String trashName, String after) {
        return "USE " + name(database) + "; ALTER DATABASE " + name(database)
                + " SET SINGLE_USER WITH ROLLBACK IMMEDIATE; " + rename(database, trashName) + "; "
                + setRestrictedUser(trashName) + "; USE " + name(after);
    }

    /** @param property {@link #MARK} or {@link #TRASH_MARK}, of as many of the databases as have it */
    static String marks(Collection<String> databases, String property) {
        return databases.stream()
                .map(database -> "SELECT " + text(database)
                        + " AS name, CAST(p.value AS nvarchar(4000)) AS mark FROM " + name(database)
                        + ".sys.extended_properties p WHERE p.class = 0 AND p.name = " + text(property))
                .collect(Collectors.joining(" UNION ALL "));
    }

    /** Parameters: the mark, twice. A database that came from a backup has the mark of its source. */
    static String setMark(String database) {
        return setPropertyIn(name(database) + ".", MARK);
    }

    /** Parameters: the mark, twice. A database that was in the trash before may have an old one. */
    static String setTrashMark(String database) {
        return setPropertyIn(name(database) + ".", TRASH_MARK);
    }

    /** The parameter is the mark. Fails if there is one. */
    static String addMark(String database) {
        return addMarkIn(name(database) + ".");
    }

    private static String addMarkIn(String database) {
        return "EXEC " + database + "sys.sp_addextendedproperty @name = " + text(MARK) + ", @value = ?";
    }

    static String removeTrashMark(String database) {
        return "EXEC " + name(database) + ".sys.sp_dropextendedproperty @name = " + text(TRASH_MARK);
    }

    private static String setPropertyIn(String database, String propertyName) {
        String property = " @name = " + text(propertyName) + ", @value = ?";
        return "IF EXISTS (SELECT 1 FROM " + database
                + "sys.extended_properties p WHERE p.class = 0 AND p.name = "
                + text(propertyName) + ") EXEC " + database + "sys.sp_updateextendedproperty" + property + " ELSE EXEC "
                + database + "sys.sp_addextendedproperty" + property;
    }

    /** Without COMPRESSION, which some editions refuse: the server's own {@code backup compression default} decides. */
    static String backup(String database, String file) {
        return "BACKUP DATABASE " + name(database) + " TO DISK = " + text(file) + " WITH COPY_ONLY, CHECKSUM, FORMAT";
    }

    /** Azure SQL Managed Instance. A blob has a limited size. */
    static String backupToUrl(String database, String url) {
        return "BACKUP DATABASE " + name(database) + " TO URL = " + text(url)
                + " WITH COPY_ONLY, CHECKSUM, COMPRESSION";
    }

    /** Azure SQL Managed Instance, which takes no options. */
    static String restoreFromUrl(String database, String url) {
        return "RESTORE DATABASE " + name(database) + " FROM URL = " + text(url);
    }

    static String fileList(String file) {
        return "RESTORE FILELISTONLY FROM DISK = " + text(file);
    }

    /** A file of the database in the backup, and where it is to be. */
    record Move(String logicalName, String path) {}

    /**
     * Never with REPLACE: a database that is there must not be overwritten. Without CHECKSUM, which refuses a template's backup
     * that has none; where a backup has checksums, they are verified anyway.
     */
    static String restore(String database, String file, List<Move> moves) {
        return "RESTORE DATABASE " + name(database) + " FROM DISK = " + text(file) + " WITH "
                + moves.stream()
                        .map(move -> "MOVE " + text(move.logicalName()) + " TO " + text(move.path()))
                        .collect(Collectors.joining(", "));
    }

    /** Azure SQL Database: state, owner and collation of these databases. */
    static String azureDatabases(Collection<String> databases) {
        return AZURE_DATABASE + "WHERE d.name IN (" + texts(databases) + ")";
    }

    private static String texts(Collection<String> names) {
        return names.stream().map(TSql::text).collect(Collectors.joining(", "));
    }

    /** A copy without rows, which is read-only. */
    static String cloneSchema(String database, String copy) {
        return "DBCC CLONEDATABASE (" + name(database) + ", " + name(copy) + ") WITH VERIFY_CLONEDB";
    }

    /** How much of the data files is allocated. The condition is for a server that answers for another database than the named. */
    static String space(String database) {
        return "SELECT SUM(u.allocated_extent_page_count) * 8192 AS reserved_bytes,"
                + " SUM(u.unallocated_extent_page_count) * 8192 AS free_bytes FROM " + name(database)
                + ".sys.dm_db_file_space_usage u WHERE u.database_id = DB_ID(" + text(database) + ")";
    }

    /** State, sizes in bytes and sessions of these databases. A login without VIEW SERVER STATE sees only its own sessions. */
    static String measured(Collection<String> databases) {
        return """
                SELECT d.name, d.database_id, d.state, d.user_access, d.create_date, HAS_DBACCESS(d.name) AS has_access,
                       d.collation_name, d.compatibility_level, d.recovery_model_desc, SUSER_SNAME(d.owner_sid) AS owner,
                       (SELECT SUM(CAST(f.size AS bigint)) * 8192 FROM sys.master_files f
                        WHERE f.database_id = d.database_id AND f.type <> 1) AS data_bytes,
                       (SELECT SUM(CAST(f.size AS bigint)) * 8192 FROM sys.master_files f
                        WHERE f.database_id = d.database_id AND f.type = 1) AS log_bytes,
                       (SELECT COUNT(*) FROM sys.dm_exec_sessions s
                        WHERE s.database_id = d.database_id AND s.is_user_process = 1) AS connections
                FROM sys.databases d
                WHERE d.name IN (%s)
                """.formatted(texts(databases));
    }
}
