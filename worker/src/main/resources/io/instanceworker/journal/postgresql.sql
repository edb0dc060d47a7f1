-- The worker's journal: one row for every message that is to change a database.
-- received_at orders the jobs of one database. The end of an Add or Copy is written in the transaction that names the database,
-- and likewise that of an Adopt, a Restore or a Delete to the trash.
CREATE TABLE IF NOT EXISTS job_run (
    run_id           varchar(36) PRIMARY KEY,
    body_sha256      varchar(64) NOT NULL,
    job_id           text NOT NULL,
    operation        varchar(20) NOT NULL,
    instance_id      text,
    tenant           text,
    database_name    text,
    database_key     text,
    source           text,
    template         text,
    requested_by     text,
    worker           text NOT NULL,
    owner            varchar(100),
    claim            varchar(36),
    claimed_at       timestamp with time zone,
    received_at      timestamp with time zone NOT NULL,
    replayed_at      timestamp with time zone,
    attempt          integer NOT NULL,
    allowed_attempts integer NOT NULL,
    waits            integer NOT NULL DEFAULT 0,
    crashes          integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamp with time zone,
    first_failure_at timestamp with time zone,
    last_error       varchar(40),
    before_identity  text,
    started_at       timestamp with time zone,
    outcome          varchar(20),
    error_code       varchar(40),
    result           text,
    dead_lettered    boolean NOT NULL DEFAULT false,
    ended_at         timestamp with time zone
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS job_run_body ON job_run (body_sha256);
CREATE INDEX IF NOT EXISTS job_run_database ON job_run (database_key, received_at);
CREATE INDEX IF NOT EXISTS job_run_received ON job_run (received_at);
