-- Moves the position of a pipeline in a source forward, never back unless p_rewound, and counts. Fenced: fails unless the
-- token is the current one of the source's lease, and keeps it so until the transaction ends.
-- p_tables: events by table, objects with schema, table, events. p_problem: as it is now, NULL for none.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.record_source(
  p_pipeline text, p_source text, p_token bigint, p_position bytea, p_commit_time timestamptz, p_seen_lsn bytea,
  p_transactions bigint DEFAULT 0, p_events bigint DEFAULT 0, p_tables jsonb DEFAULT NULL, p_problem jsonb DEFAULT NULL,
  p_rewound boolean DEFAULT false
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  PERFORM cdc_management.require_lease('pipeline:' || p_pipeline || ':' || p_source, p_token);
  INSERT INTO cdc_management.sources AS s (
    pipeline, source, position, commit_time, seen_lsn, seen_at, token, transactions, events, problem
  ) VALUES (
    p_pipeline, p_source, p_position, p_commit_time, p_seen_lsn, clock_timestamp(), p_token, p_transactions, p_events, p_problem
  )
  ON CONFLICT (pipeline, source) DO UPDATE
  SET position = CASE WHEN p_rewound OR s.position IS NULL OR s.position < excluded.position THEN excluded.position
      ELSE s.position END,
    commit_time = CASE WHEN p_rewound OR s.position IS NULL OR s.position < excluded.position THEN excluded.commit_time
      ELSE s.commit_time END,
    seen_lsn = coalesce(excluded.seen_lsn, s.seen_lsn), seen_at = excluded.seen_at, token = excluded.token,
    transactions = s.transactions + excluded.transactions, events = s.events + excluded.events,
    problem = excluded.problem, updated_at = now();
  UPDATE cdc_management.source_tables AS t SET events = t.events + x.events
  FROM jsonb_to_recordset(p_tables) AS x ("schema" text, "table" text, events bigint)
  WHERE t.pipeline = p_pipeline AND t.source = p_source AND t.schema_name = x."schema" AND t.table_name = x."table";
END $function$
