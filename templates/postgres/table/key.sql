-- Another primary key. Tombstones of the former key mean nothing any more, so they go.
-- view: table, name, keyName, key, schemaText, tableText
-- Safe to repeat: the present key is looked up.
DO $key$
DECLARE
  v_former text := (
    SELECT c.conname FROM pg_catalog.pg_constraint AS c WHERE c.conrelid = {{name}}::regclass AND c.contype = 'p'
  );
BEGIN
  IF v_former IS NOT NULL THEN
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', {{name}}, v_former);
  END IF;
  ALTER TABLE {{table}} ADD CONSTRAINT {{keyName}} PRIMARY KEY ({{key}});
  IF to_regclass('cdc_management.tombstones') IS NOT NULL THEN
    DELETE FROM cdc_management.tombstones AS b USING cdc_management.merge_control AS c
    WHERE b.table_id = c.table_id AND c.schema_name = {{schemaText}} AND c.table_name = {{tableText}};
  END IF;
END $key$
