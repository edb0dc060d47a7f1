-- The worker's login on SQL Server 2019 and 2022 on a machine of its own or in a container. Run it as sysadmin, for example:
--   INSTANCE_WORKER_PASSWORD=$(cat password-file) sqlcmd -b -S sql.example.org -i sqlserver-machine.sql
-- sqlcmd takes the password from the environment; it must not have a single quote. Then run sqlserver-source.sql in each template.

CREATE LOGIN instance_worker WITH PASSWORD = N'$(INSTANCE_WORKER_PASSWORD)';
ALTER SERVER ROLE dbcreator ADD MEMBER instance_worker;   -- note that it lets the login alter and drop every database
USE master;
GRANT VIEW SERVER STATE TO instance_worker;               -- progress of copies, connections and free space in Info
CREATE USER instance_worker FOR LOGIN instance_worker;    -- for the next statement
GRANT EXECUTE ON sys.xp_delete_file TO instance_worker;   -- removes the backup of a copy
USE msdb;
CREATE USER instance_worker FOR LOGIN instance_worker;
GRANT SELECT ON dbo.backupset TO instance_worker;         -- lastBackupAt in Info
