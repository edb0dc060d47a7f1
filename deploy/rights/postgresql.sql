-- The worker's role on PostgreSQL 11 to 18, also Amazon RDS and Aurora, Azure Database for PostgreSQL and Cloud SQL.
-- Run it as a superuser, or as the administrator of a cloud server: CREATEROLE and CREATEDB are enough.
-- Then give the role its password. psql sends it hashed: \password instance_worker

CREATE ROLE instance_worker LOGIN CREATEDB;

-- The role needs nothing else. It owns what it makes, also the journal's database instance_worker, which it makes itself.
-- For templates and for copies that belong to other roles: docs/rights.md. Further rights that some sites want: postgresql-optional.sql.
