-- Rights that the worker's role needs only at some sites. Run the statements that you want, after postgresql.sql.
-- From PostgreSQL 16 on, whoever runs them needs the ADMIN OPTION on the role that is granted; a superuser has it.

-- Delete, and Copy with "whenSourceBusy": "disconnect": end the sessions of other roles, except superusers.
-- Without it such a job fails with SOURCE_BUSY while another role is connected to the database.
GRANT pg_signal_backend TO instance_worker;

-- Info and Status: the sizes of databases to which the role may not connect. Without it these sizes are null.
GRANT pg_read_all_stats TO instance_worker;
