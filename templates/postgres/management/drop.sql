-- Drops the schema with its history, unless a table is still registered.
-- view: keepWhenUsed
-- Safe to repeat: nothing when the schema is gone.
DO $drop$
DECLARE
  v_tables text;
BEGIN
  IF to_regclass('cdc_management.merge_control') IS NOT NULL THEN
    SELECT string_agg(format('%I.%I', c.schema_name, c.table_name), ', ') INTO v_tables
    FROM cdc_management.merge_control AS c WHERE c.unregistered_at IS NULL;
  END IF;
  IF v_tables IS NOT NULL THEN
{{#keepWhenUsed}}
    RETURN;
{{/keepWhenUsed}}
    RAISE EXCEPTION 'schema cdc_management still serves %', left(v_tables, 500)
      USING ERRCODE = 'CDC04', HINT = 'Destroy the merge procedures of these tables first.';
  END IF;
  DROP SCHEMA IF EXISTS cdc_management CASCADE;
END $drop$
