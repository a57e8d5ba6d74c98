-- How events of a registered table become rows of its staging table: {table, insert}. `table` is what event_lines needs;
-- `insert` is the statement, for $1 events as text[], $2 `table`, $3 the pipeline's name. Types are those of the staging
-- table as it stands. p_sent: the sink columns that come with the events.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.staging_plan(p_schema text, p_table text, p_sent text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_control cdc_management.merge_control;
  v_columns jsonb;
  v_missing text;
  v_names text;
  v_values text;
BEGIN
  SELECT c.* INTO v_control FROM cdc_management.merge_control AS c
  WHERE c.schema_name = p_schema AND c.table_name = p_table AND c.unregistered_at IS NULL;
  IF v_control IS NULL THEN
    RAISE EXCEPTION 'no table %.% is replicated into this database', p_schema, p_table
      USING ERRCODE = 'CDC08', HINT = 'Deploy it, or generate the pipelines again without it.';
  END IF;
  SELECT jsonb_agg(
    c.value || jsonb_build_object(
      'type', format_type(a.atttypid, a.atttypmod), 'kind', k.kind, 'size', k.size,
      'key', v_control.shape -> 'key' ? (c.value ->> 'name'),
      'required', NOT (c.value ->> 'nullable')::boolean OR v_control.shape -> 'key' ? (c.value ->> 'name')
    )
  ) INTO v_columns
  FROM jsonb_array_elements(v_control.shape -> 'columns') AS c
  JOIN pg_catalog.pg_attribute AS a ON a.attname = c.value ->> 'name' AND a.attnum > 0
    AND a.attrelid = format('%I.%I', p_schema, v_control.staging_name)::regclass
  CROSS JOIN LATERAL cdc_management.kind_of_type(a.atttypid, a.atttypmod) AS k;
  SELECT string_agg(c ->> 'name', ', ') INTO v_missing FROM jsonb_array_elements(v_columns) AS c
  WHERE c ? 'source' AND c ->> 'name' <> ALL (p_sent);
  IF v_missing IS NOT NULL THEN
    RAISE EXCEPTION 'the pipeline document is older than table %.%: it does not know %', p_schema, p_table, v_missing
      USING ERRCODE = 'CDC09', HINT = 'Run `cdc pipelines generate` and roll the documents out.';
  END IF;
  SELECT string_agg(format('%I', c ->> 'name'), ', '), string_agg(cdc_management.staging_value(c), ', ')
  INTO v_names, v_values
  FROM jsonb_array_elements(v_columns) AS c
  WHERE c ?| '{source,constant,constants}' OR c ->> 'name' = ANY (p_sent);
  RETURN jsonb_build_object(
    'table', jsonb_strip_nulls(jsonb_build_object(
      'database', v_control.shape #> '{source,database}',
      'keys', (SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(v_columns) AS c WHERE c ? 'source' AND (c ->> 'key')::boolean),
      'columns', (SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(v_columns) AS c WHERE c ? 'source'),
      'computed', (
        SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(v_columns) AS c
        WHERE NOT c ?| '{source,constant,constants}' AND c ->> 'name' = ANY (p_sent)
      )
    )) || CASE WHEN v_control.shape ? 'tenants' THEN jsonb_build_object('tenants', v_control.shape -> 'tenants') ELSE '{}' END,
    'insert', format(
      'INSERT INTO %I.%I (%s, __source, __source_db, __source_table, __source_ts_ms, __cdc_operation, __cdc_position, '
      '__cdc_unchanged, __kafka_topic, __kafka_partition, __kafka_offset, __kafka_timestamp) '
      'SELECT %s, nullif($3, ''''), nullif(l.database, ''''), %L, l.source_ts_ms, l.operation, l.place, l.unchanged, '
      'x.kafka ->> ''topic'', (x.kafka ->> ''partition'')::integer, (x.kafka ->> ''offset'')::bigint, '
      'to_timestamp((x.kafka ->> ''timestamp'')::numeric / 1000) '
      'FROM unnest($1) AS t (event) CROSS JOIN LATERAL (SELECT t.event::jsonb AS event) AS e '
      'CROSS JOIN LATERAL (SELECT e.event -> ''kafka'' AS kafka, e.event -> ''computed'' AS computed) AS x '
      'CROSS JOIN LATERAL cdc_management.event_lines(e.event, $2) AS l',
      p_schema, v_control.staging_name, v_names, v_values,
      (v_control.shape #>> '{source,schema}') || '.' || (v_control.shape #>> '{source,table}')
    )
  );
END $function$
