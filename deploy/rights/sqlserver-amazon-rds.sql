-- The worker's login on Amazon RDS for SQL Server. Run it as the master user, for example:
--   INSTANCE_WORKER_PASSWORD=$(cat password-file) sqlcmd -b -S db.example.rds.amazonaws.com -U admin -i sqlserver-amazon-rds.sql
-- sqlcmd takes the password from the environment; it must not have a single quote. Then run sqlserver-source.sql in each template.

CREATE LOGIN instance_worker WITH PASSWORD = N'$(INSTANCE_WORKER_PASSWORD)';
USE master;
GRANT CREATE ANY DATABASE TO instance_worker;
GRANT VIEW SERVER STATE TO instance_worker;               -- whether Multi-AZ is used; connections and free space in Info
GRANT VIEW ANY DEFINITION TO instance_worker;             -- sizes
USE msdb;
CREATE USER instance_worker FOR LOGIN instance_worker;
GRANT EXECUTE ON dbo.rds_backup_database TO instance_worker;
GRANT EXECUTE ON dbo.rds_restore_database TO instance_worker;
GRANT EXECUTE ON dbo.rds_task_status TO instance_worker;
GRANT EXECUTE ON dbo.rds_drop_database TO instance_worker;
