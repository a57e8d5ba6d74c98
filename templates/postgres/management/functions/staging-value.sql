-- The SQL expression of one column in the statement of staging_plan: converted, then cast to the column's type.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.staging_value(p_column jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT CASE
    WHEN (c.key)::boolean THEN v.value
    WHEN p_column ? 'source' THEN format('CASE WHEN l.whole OR l.data ? %L THEN %s END', p_column ->> 'source', v.value)
    WHEN p_column ?| '{constant,constants}' THEN v.value
    ELSE format('CASE WHEN l.whole OR x.computed ? %L THEN %s END', p_column ->> 'name', v.value)
  END
  FROM (SELECT p_column ->> 'key') AS c (key)
  CROSS JOIN LATERAL (
    SELECT format(
      'cdc_management.staged_text(%s, %L, %s, %L, %L)::%s',
      CASE
        WHEN p_column ? 'source' THEN format('l.data -> %L', p_column ->> 'source')
        WHEN p_column ? 'constant' THEN format('%L::jsonb', p_column -> 'constant')
        WHEN p_column ? 'constants' THEN format('%L::jsonb -> l.tenant', p_column -> 'constants')
        ELSE format('x.computed -> %L', p_column ->> 'name')
      END,
      p_column ->> 'kind', coalesce(p_column ->> 'size', 'NULL'), p_column ->> 'name',
      NOT p_column ?| '{constant,constants}' AND (p_column ->> 'required')::boolean, p_column ->> 'type'
    )
  ) AS v (value)
$function$
