-- Version of the objects in this schema; refuses to go on when a newer program made them.
-- view: version
-- Safe to repeat: the row only ever grows.
CREATE TABLE IF NOT EXISTS cdc_management.component_version (
  component text PRIMARY KEY,
  version integer NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  definition text,
  objects jsonb
);
DO $check$
DECLARE
  found integer := (SELECT version FROM cdc_management.component_version WHERE component = 'cdc_management');
BEGIN
  IF found > {{version}} THEN
    RAISE EXCEPTION 'schema cdc_management is at version %, this program knows version {{version}}', found
      USING ERRCODE = 'CDC06', HINT = 'Deploy with the newer version of pulumi-cdc that made it.';
  END IF;
END $check$;
INSERT INTO cdc_management.component_version AS v (component, version)
VALUES ('cdc_management', {{version}})
ON CONFLICT (component) DO UPDATE SET version = excluded.version, changed_at = now()
WHERE v.version < excluded.version
