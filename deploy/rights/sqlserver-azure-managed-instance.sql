-- The worker's login on Azure SQL Managed Instance. Run it as an administrator, for example:
--   INSTANCE_WORKER_PASSWORD=$(cat password-file) sqlcmd -b -S instance.example.database.windows.net -U admin -i sqlserver-azure-managed-instance.sql
-- sqlcmd takes the password from the environment; it must not have a single quote. Then run sqlserver-source.sql in each template.

CREATE LOGIN instance_worker WITH PASSWORD = N'$(INSTANCE_WORKER_PASSWORD)';
ALTER SERVER ROLE dbcreator ADD MEMBER instance_worker;   -- note that it lets the login alter and drop every database
USE master;
GRANT VIEW SERVER STATE TO instance_worker;               -- the sessions that a Delete must end; running restores
GRANT ALTER ANY CONNECTION TO instance_worker;            -- ends these sessions
GRANT ALTER ANY CREDENTIAL TO instance_worker;            -- backup to a URL
USE msdb;
CREATE USER instance_worker FOR LOGIN instance_worker;
GRANT SELECT ON dbo.backupset TO instance_worker;         -- lastBackupAt in Info
