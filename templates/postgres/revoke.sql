-- Takes the rights on one object from a role that is no longer the application role.
-- view: object, role, name
-- Safe to repeat: nothing when the role is gone.
DO $revoke$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {{name}}) THEN
    REVOKE ALL ON {{object}} FROM {{role}};
  END IF;
END $revoke$
