-- Fails unless no higher fencing token of a lease was seen here, and keeps it so until the transaction ends: for leases
-- that are kept elsewhere. A higher token than before shuts out all holders before.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.admit_token(p_lease text, p_token bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  -- Looked at first: writers of one holder needn't wait for each other.
  IF NOT EXISTS (SELECT FROM cdc_management.leases AS l WHERE l.name = p_lease AND l.token >= p_token) THEN
    INSERT INTO cdc_management.leases AS l (name, holder, token, expires_at)
    VALUES (p_lease, '', p_token, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET token = excluded.token WHERE l.token < excluded.token;
  END IF;
  PERFORM cdc_management.require_lease(p_lease, p_token);
END $function$
