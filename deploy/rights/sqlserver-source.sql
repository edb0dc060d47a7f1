-- What the worker's login needs in each template, and in each other source of copies that the login did not make. Run it there:
--   sqlcmd -b -S sql.example.org -d EdFi_Ods_Minimal_Template -i sqlserver-source.sql

CREATE USER instance_worker FOR LOGIN instance_worker;
ALTER ROLE db_backupoperator ADD MEMBER instance_worker;
-- On Amazon RDS and Azure SQL Database instead of the statement before, and on Azure SQL Database also in a journal's database that
-- an administrator has made:
-- ALTER ROLE db_owner ADD MEMBER instance_worker;
