-- Gives a lease back early; false when the token is no longer its current one.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.release_lease(p_name text, p_token bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  UPDATE cdc_management.leases AS l SET expires_at = clock_timestamp() WHERE l.name = p_name AND l.token = p_token;
  RETURN FOUND;
END $function$
