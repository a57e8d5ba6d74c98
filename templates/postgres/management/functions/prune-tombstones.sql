-- Forgets deletes so old that no older event can come any more. Gives the number forgotten.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.prune_tombstones(p_older_than interval DEFAULT '14 days') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_count bigint;
BEGIN
  DELETE FROM cdc_management.tombstones AS t WHERE t.deleted_at < now() - p_older_than;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $function$
