-- Trigger function of every staging table: notes that it has rows. It only inserts, so it waits for nobody.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.mark_table_for_merge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  INSERT INTO cdc_management.merge_pending (table_id)
  SELECT c.table_id FROM cdc_management.merge_control AS c
  WHERE c.schema_name = TG_TABLE_SCHEMA AND c.staging_name = TG_TABLE_NAME AND c.unregistered_at IS NULL;
  RETURN NULL;
END $function$
