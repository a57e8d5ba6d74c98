-- Columns that the configuration doesn't have must not keep new rows out: they lose NOT NULL.
-- view: name, columns
-- Safe to repeat: only columns that are required and have no value of their own.
DO $relax$
DECLARE
  v_column text;
BEGIN
  FOR v_column IN
    SELECT a.attname FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = {{name}}::regclass AND a.attname IN ({{columns}})
      AND a.attnum > 0 AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
  LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', {{name}}, v_column);
  END LOOP;
END $relax$
