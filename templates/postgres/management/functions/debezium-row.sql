-- A row of Debezium as our envelopes have it: without the values that it calls unavailable, numbers as text, no Z behind
-- the dates and times of day in p_clocks, and without the columns of p_large that are NULL. NULL for no row.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.debezium_row(p_row jsonb, p_clocks text[], p_large text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $function$
  SELECT CASE WHEN jsonb_typeof(p_row) = 'object' THEN (
    SELECT coalesce(jsonb_object_agg(v.key, CASE
      WHEN jsonb_typeof(v.value) = 'number' THEN to_jsonb(v.value #>> '{}')
      WHEN jsonb_typeof(v.value) = 'string' AND v.key = ANY (p_clocks) THEN to_jsonb(rtrim(v.value #>> '{}', 'Z'))
      ELSE v.value
    END), '{}')
    FROM jsonb_each(p_row) AS v
    WHERE v.value <> '"__debezium_unavailable_value"' AND NOT (v.value = 'null' AND v.key = ANY (p_large))
  ) END
$function$
