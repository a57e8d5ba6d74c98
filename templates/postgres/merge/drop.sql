-- Drops the merge procedure; the table's row in merge_control stays, unregistered, so that its tombstones stay true.
-- view: procedure, schemaText, tableText
-- Safe to repeat: only what is there.
DROP PROCEDURE IF EXISTS {{procedure}}(jsonb, integer);
DO $unregister$
BEGIN
  IF to_regclass('cdc_management.merge_control') IS NOT NULL THEN
    UPDATE cdc_management.merge_control AS c SET unregistered_at = now()
    WHERE c.schema_name = {{schemaText}} AND c.table_name = {{tableText}};
    DELETE FROM cdc_management.merge_pending AS p USING cdc_management.merge_control AS c
    WHERE p.table_id = c.table_id AND c.schema_name = {{schemaText}} AND c.table_name = {{tableText}};
  END IF;
END $unregister$
