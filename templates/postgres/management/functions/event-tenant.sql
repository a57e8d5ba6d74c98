-- Customer of an event among those that share a table (their databases by customer, null where not known): its Tenant,
-- else the one whose database is its Database.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.event_tenant(p_metadata jsonb, p_tenants jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $function$
DECLARE
  v_tenant text := p_metadata ->> 'Tenant';
  v_database CONSTANT text := p_metadata ->> 'Database';
  v_found CONSTANT text[] := ARRAY(SELECT t.key FROM jsonb_each_text(p_tenants) AS t WHERE t.value = v_database);
  v_why text;
BEGIN
  IF v_tenant IS NULL AND v_database IS NULL THEN
    v_why := 'the event tells no Tenant or Database, and the table takes the rows of several customers';
  ELSIF v_tenant IS NULL AND cardinality(v_found) <> 1 THEN
    v_why := format('database %L belongs to %s tenants of the table', v_database, cardinality(v_found));
  ELSIF v_tenant IS NULL THEN
    v_tenant := v_found[1];
  ELSIF NOT p_tenants ? v_tenant THEN
    v_why := format('the table takes no rows of tenant %L', v_tenant);
  ELSIF coalesce(p_tenants ->> v_tenant, v_database) <> v_database THEN
    v_why := format('tenant %L has the database %L, not %L', v_tenant, p_tenants ->> v_tenant, v_database);
  END IF;
  IF v_why IS NOT NULL THEN
    RAISE EXCEPTION '%', v_why USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN v_tenant;
END $function$
