-- Takes or renews a lease. Gives its fencing token, or NULL while somebody else holds it. Whoever takes a lease that
-- has run out gets a new token, so the former holder can no longer write a checkpoint.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.acquire_lease(p_name text, p_holder text, p_ttl interval) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_token bigint;
BEGIN
  INSERT INTO cdc_management.leases AS l (name, holder, token, expires_at)
  VALUES (p_name, p_holder, 1, clock_timestamp() + p_ttl)
  ON CONFLICT (name) DO UPDATE
  SET holder = excluded.holder,
    token = l.token + CASE WHEN l.holder = excluded.holder AND l.expires_at > clock_timestamp() THEN 0 ELSE 1 END,
    expires_at = excluded.expires_at
  WHERE l.holder = excluded.holder OR l.expires_at <= clock_timestamp()
  RETURNING l.token INTO v_token;
  RETURN v_token;
END $function$
