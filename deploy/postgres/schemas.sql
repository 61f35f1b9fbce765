-- Per-database part, after roles.sql: each service owns its schema and sees no other's. One statement per line, as there.

DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO motcua_routing', current_database()); END $$;
CREATE SCHEMA IF NOT EXISTS routing AUTHORIZATION motcua_routing;
REVOKE ALL ON SCHEMA routing FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO motcua_intake', current_database()); END $$;
CREATE SCHEMA IF NOT EXISTS intake AUTHORIZATION motcua_intake;
REVOKE ALL ON SCHEMA intake FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO motcua_status', current_database()); END $$;
CREATE SCHEMA IF NOT EXISTS status AUTHORIZATION motcua_status;
REVOKE ALL ON SCHEMA status FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO motcua_notification', current_database()); END $$;
CREATE SCHEMA IF NOT EXISTS notification AUTHORIZATION motcua_notification;
REVOKE ALL ON SCHEMA notification FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO motcua_web', current_database()); END $$;
CREATE SCHEMA IF NOT EXISTS web AUTHORIZATION motcua_web;
REVOKE ALL ON SCHEMA web FROM PUBLIC;
