-- Drops a final table, and what the management schema remembers of it. Without `rows` only an empty one.
-- view: table, name, schemaText, tableText, rows
-- Safe to repeat: nothing when the table is gone.
DO $drop$
DECLARE
  v_rows boolean := false;
BEGIN
{{^rows}}
  IF to_regclass({{name}}) IS NOT NULL THEN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', {{name}});
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', {{name}}) INTO v_rows;
  END IF;
  IF v_rows THEN
    RAISE EXCEPTION 'table %.% still holds rows', {{schemaText}}, {{tableText}}
      USING ERRCODE = 'CDC03', HINT = 'Empty it or drop it yourself, or allow it: set cdc:allowDrop to true for this stack.';
  END IF;
{{/rows}}
  DROP TABLE IF EXISTS {{table}};
  IF to_regclass('cdc_management.merge_control') IS NOT NULL THEN
    DELETE FROM cdc_management.tombstones AS b USING cdc_management.merge_control AS c
    WHERE b.table_id = c.table_id AND c.schema_name = {{schemaText}} AND c.table_name = {{tableText}};
    DELETE FROM cdc_management.merge_control AS c
    WHERE c.schema_name = {{schemaText}} AND c.table_name = {{tableText}} AND c.unregistered_at IS NOT NULL;
  END IF;
END $drop$
