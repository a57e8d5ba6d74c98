-- Trigger function of every staging table: notes that it has rows. It only inserts, so it waits for nobody.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.mark_table_for_merge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  -- As text: the type name has another collation than the index.
  v_schema CONSTANT text := TG_TABLE_SCHEMA;
  v_staging CONSTANT text := TG_TABLE_NAME;
BEGIN
  INSERT INTO cdc_management.merge_pending (table_id)
  SELECT c.table_id FROM cdc_management.merge_control AS c
  WHERE c.schema_name = v_schema AND c.staging_name = v_staging AND c.unregistered_at IS NULL;
  RETURN NULL;
END $function$
