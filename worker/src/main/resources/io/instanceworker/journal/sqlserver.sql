-- The worker's journal: one row for every message that is to change a database.
-- What a job names may have 255 characters, each of up to two units of UTF-16.
-- received_at orders the jobs of one database. The end of an Add or Copy is committed right after the rename that names the database.
SET XACT_ABORT ON;
BEGIN TRANSACTION;
IF OBJECT_ID(N'dbo.job_run', N'U') IS NULL
BEGIN
    CREATE TABLE dbo.job_run (
        run_id           nvarchar(36) NOT NULL PRIMARY KEY,
        body_sha256      nvarchar(64) NOT NULL,
        job_id           nvarchar(510) NOT NULL,
        operation        nvarchar(20) NOT NULL,
        instance_id      nvarchar(510),
        tenant           nvarchar(510),
        database_name    nvarchar(400),
        database_key     nvarchar(400),
        source           nvarchar(510),
        template         nvarchar(510),
        requested_by     nvarchar(510),
        worker           nvarchar(400) NOT NULL,
        owner            nvarchar(100),
        claim            nvarchar(36),
        claimed_at       datetimeoffset(7),
        received_at      datetimeoffset(7) NOT NULL,
        replayed_at      datetimeoffset(7),
        attempt          int NOT NULL,
        allowed_attempts int NOT NULL,
        waits            int NOT NULL DEFAULT 0,
        crashes          int NOT NULL DEFAULT 0,
        next_attempt_at  datetimeoffset(7),
        first_failure_at datetimeoffset(7),
        last_error       nvarchar(40),
        before_identity  nvarchar(200),
        started_at       datetimeoffset(7),
        outcome          nvarchar(20),
        error_code       nvarchar(40),
        result           nvarchar(max),
        dead_lettered    bit NOT NULL DEFAULT 0,
        ended_at         datetimeoffset(7)
    );
    CREATE INDEX job_run_body ON dbo.job_run (body_sha256);
    CREATE INDEX job_run_database ON dbo.job_run (database_key, received_at);
    CREATE INDEX job_run_received ON dbo.job_run (received_at);
END;
-- The backups that copies are restored from, as long as they are there: what a crash leaves is found here.
IF OBJECT_ID(N'dbo.backup_file', N'U') IS NULL
BEGIN
    CREATE TABLE dbo.backup_file (
        path         nvarchar(400) NOT NULL PRIMARY KEY,
        staging_name nvarchar(128) NOT NULL,
        source       nvarchar(400),
        created_at   datetimeoffset(7) NOT NULL
    );
    CREATE INDEX backup_file_staging ON dbo.backup_file (staging_name);
    CREATE INDEX backup_file_source ON dbo.backup_file (source);
END;
-- The backups of templates that are kept for further Adds.
IF OBJECT_ID(N'dbo.template_backup', N'U') IS NULL
    CREATE TABLE dbo.template_backup (
        template_key      nvarchar(128) NOT NULL PRIMARY KEY,
        path              nvarchar(400) NOT NULL,
        template_identity nvarchar(200) NOT NULL,
        log_end_lsn       nvarchar(24) NOT NULL,
        created_at        datetimeoffset(7) NOT NULL
    );
COMMIT TRANSACTION;
