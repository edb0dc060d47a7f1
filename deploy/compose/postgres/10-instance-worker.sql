-- Run once by the container, as the superuser, while its volume is still empty: the worker's login, and a template to
-- try it with.
\i /rights/postgresql.sql
\set password `cat /run/secrets/worker-postgres-password`
ALTER ROLE instance_worker PASSWORD :'password';

-- A stand-in. For real work restore your Ed-Fi ODS template into a database and mark it like this one.
CREATE DATABASE "EdFi_Ods_Minimal_Template";
\connect "EdFi_Ods_Minimal_Template"
CREATE SCHEMA edfi;
CREATE TABLE edfi.schoolyeartype (schoolyear smallint PRIMARY KEY, schoolyeardescription text NOT NULL);
INSERT INTO edfi.schoolyeartype
SELECT year, (year - 1) || '-' || year FROM generate_series(2021, 2027) AS year;
\connect postgres
ALTER DATABASE "EdFi_Ods_Minimal_Template" IS_TEMPLATE true;
