-- Takes the rights of a role that is no longer the application role.
-- view: role, name
-- Safe to repeat: nothing when the role is gone.
DO $revoke$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {{name}}) THEN
    REVOKE ALL ON ALL TABLES IN SCHEMA cdc_management FROM {{role}};
    REVOKE ALL ON ALL ROUTINES IN SCHEMA cdc_management FROM {{role}};
    REVOKE ALL ON SCHEMA cdc_management FROM {{role}};
  END IF;
END $revoke$
