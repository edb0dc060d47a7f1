-- The worker's login on Azure SQL Database. Run it in master as the server's administrator, for example:
--   INSTANCE_WORKER_PASSWORD=$(cat password-file) sqlcmd -b -S ods.database.windows.net -U admin -d master -i sqlserver-azure-sql-database.sql
-- sqlcmd takes the password from the environment; it must not have a single quote. Then run sqlserver-source.sql in each template.

CREATE LOGIN instance_worker WITH PASSWORD = N'$(INSTANCE_WORKER_PASSWORD)';
CREATE USER instance_worker FOR LOGIN instance_worker;
ALTER ROLE dbmanager ADD MEMBER instance_worker;          -- create, copy, rename, drop and list databases
