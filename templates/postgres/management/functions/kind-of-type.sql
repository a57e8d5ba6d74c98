-- How values of a type are read (staged_text), and its length or digits of the second. PostgreSQL judges the types that
-- are not named.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.kind_of_type(p_type oid, p_modifier integer, OUT kind text, OUT size integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT
    CASE p_type
      WHEN 'int2'::regtype THEN 'integer' WHEN 'int4'::regtype THEN 'integer' WHEN 'int8'::regtype THEN 'integer'
      WHEN 'numeric'::regtype THEN 'numeric' WHEN 'bool'::regtype THEN 'boolean' WHEN 'uuid'::regtype THEN 'uuid'
      WHEN 'timestamp'::regtype THEN 'timestamp' WHEN 'timestamptz'::regtype THEN 'timestamptz'
      WHEN 'date'::regtype THEN 'date' WHEN 'time'::regtype THEN 'time' WHEN 'bytea'::regtype THEN 'bytea'
      WHEN 'float4'::regtype THEN 'float' WHEN 'float8'::regtype THEN 'float'
      WHEN 'json'::regtype THEN 'json' WHEN 'jsonb'::regtype THEN 'json'
      ELSE 'text'
    END,
    CASE
      WHEN p_type IN ('varchar'::regtype, 'bpchar'::regtype) THEN nullif(greatest(p_modifier - 4, 0), 0)
      WHEN p_type IN ('timestamp'::regtype, 'timestamptz'::regtype, 'time'::regtype)
        THEN CASE WHEN p_modifier < 0 THEN 6 ELSE p_modifier END
    END
$function$
