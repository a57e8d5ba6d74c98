-- A row of Debezium without the values that it calls unavailable, numbers as text; NULL for no row.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.debezium_row(p_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $function$
  SELECT CASE WHEN jsonb_typeof(p_row) = 'object' THEN (
    SELECT coalesce(jsonb_object_agg(
      v.key, CASE jsonb_typeof(v.value) WHEN 'number' THEN to_jsonb(v.value #>> '{}') ELSE v.value END
    ), '{}')
    FROM jsonb_each(p_row) AS v WHERE v.value <> '"__debezium_unavailable_value"'
  ) END
$function$
