-- Fails unless the token is the lease's current one, and keeps it so until the transaction ends.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.require_lease(p_lease text, p_token bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_token bigint;
BEGIN
  SELECT l.token INTO v_token FROM cdc_management.leases AS l WHERE l.name = p_lease FOR SHARE;
  IF v_token IS DISTINCT FROM p_token THEN
    RAISE EXCEPTION 'lease % has passed to another holder (token % is stale, the current one is %)',
      p_lease, p_token, coalesce(v_token::text, 'none')
      USING ERRCODE = 'CDC01', HINT = 'Another worker has taken over; this one must stop.';
  END IF;
END $function$
