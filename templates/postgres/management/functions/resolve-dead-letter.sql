-- Closes a dead letter. p_resolution says how: 'retried' (opens again when the event fails again), 'discarded', ...
-- Gives false when there is no open dead letter with this id.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.resolve_dead_letter(p_id bigint, p_resolution text DEFAULT 'discarded') RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  UPDATE cdc_management.dead_letters AS d
  SET resolved_at = clock_timestamp(), resolution = p_resolution
  WHERE d.id = p_id AND d.resolved_at IS NULL;
  RETURN FOUND;
END $function$
