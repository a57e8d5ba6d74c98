-- Sets the rows of one source in a table to a position before every other, and forgets its deletes and dead letters: the
-- history that the positions belong to was rewritten, so new ones may be lower. Fenced like record_source; keeps merges out until the
-- transaction ends. p_own: by what its rows are told from those of others, an object with database (or null) and
-- tenant, values by column.
-- view: lockSpace
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.forget_positions(
  p_pipeline text, p_source text, p_token bigint, p_schema text, p_table text, p_own jsonb
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_zero CONSTANT bytea := decode(repeat('00', 25), 'hex');
  v_id integer;
  v_key jsonb;
  v_conditions text;
  v_count bigint;
BEGIN
  PERFORM cdc_management.require_lease('pipeline:' || p_pipeline || ':' || p_source, p_token);
  SELECT c.table_id, c.shape -> 'key' INTO STRICT v_id, v_key FROM cdc_management.merge_control AS c
  WHERE c.schema_name = p_schema AND c.table_name = p_table AND c.unregistered_at IS NULL;
  PERFORM pg_advisory_xact_lock({{lockSpace}}, v_id);
  SELECT coalesce(string_agg(format(' AND t.%I IS NOT DISTINCT FROM %L', o.key, o.value), ''), '') INTO v_conditions
  FROM jsonb_each_text(p_own -> 'tenant') AS o;
  EXECUTE format(
    'UPDATE %I.%I AS t SET __cdc_position = $1, __cdc_column_positions = NULL
     WHERE t.__cdc_position > $1 AND coalesce(t.__source_db = $2, true)%s', p_schema, p_table, v_conditions
  ) USING v_zero, p_own ->> 'database';
  GET DIAGNOSTICS v_count = ROW_COUNT;
  -- Without a database the table is this source's alone: another one that fed it before begins anew if it comes back.
  WITH gone AS (
    DELETE FROM cdc_management.source_tables AS t
    WHERE t.schema_name = p_schema AND t.table_name = p_table AND t.source <> p_source AND p_own ->> 'database' IS NULL
    RETURNING t.pipeline, t.source
  )
  DELETE FROM cdc_management.sources AS s USING gone AS g
  WHERE (s.pipeline, s.source) = (g.pipeline, g.source) AND NOT EXISTS (
    SELECT FROM cdc_management.source_tables AS t
    WHERE (t.pipeline, t.source) = (s.pipeline, s.source) AND (t.schema_name, t.table_name) <> (p_schema, p_table)
  );
  -- The text of a key is a JSON array of its values, or a hash where they are long: those are nobody's for sure.
  DELETE FROM cdc_management.tombstones AS b
  WHERE b.table_id = v_id AND NOT EXISTS (
    SELECT FROM jsonb_each_text(p_own -> 'tenant') AS o
    JOIN jsonb_array_elements_text(v_key) WITH ORDINALITY AS k (name, place) ON k.name = o.key
    WHERE b.key LIKE '[%' AND (b.key::jsonb ->> (k.place - 1)::integer) IS DISTINCT FROM o.value
  );
  -- Tried again, they would win against everything new.
  UPDATE cdc_management.dead_letters AS d SET resolved_at = clock_timestamp(), resolution = 'rewound'
  WHERE d.schema_name = p_schema AND d.table_name = p_table AND d.pipeline = p_pipeline AND d.resolved_at IS NULL
    AND coalesce(d.payload #>> '{metadata,Database}', d.payload ->> '__source_db') = p_own ->> 'database';
  RETURN v_count;
END $function$
