CREATE SCHEMA IF NOT EXISTS cdc_management;

CREATE TABLE IF NOT EXISTS cdc_management.component_version (
  component text PRIMARY KEY,
  version integer NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  definition text,
  objects jsonb
);
DO $check$
DECLARE
  found integer := (SELECT version FROM cdc_management.component_version WHERE component = 'cdc_management');
BEGIN
  IF found > 3 THEN
    RAISE EXCEPTION 'schema cdc_management is at version %, this program knows version 3', found
      USING ERRCODE = 'CDC06', HINT = 'Deploy with the newer version of pulumi-cdc that made it.';
  END IF;
END $check$;
INSERT INTO cdc_management.component_version AS v (component, version)
VALUES ('cdc_management', 3)
ON CONFLICT (component) DO UPDATE SET version = excluded.version, changed_at = now()
WHERE v.version < excluded.version;

CREATE TABLE IF NOT EXISTS cdc_management.merge_control (
  table_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  staging_name text NOT NULL,
  procedure_name text NOT NULL,
  shape jsonb NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now(),
  unregistered_at timestamptz,
  total_merges bigint NOT NULL DEFAULT 0,
  total_rows_merged bigint NOT NULL DEFAULT 0,
  last_rows_merged bigint,
  last_merge_at timestamptz,
  last_duration_ms bigint,
  error_count integer NOT NULL DEFAULT 0,
  last_error text,
  last_error_at timestamptz,
  retry_at timestamptz,
  UNIQUE (schema_name, table_name),
  UNIQUE (schema_name, staging_name)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS cdc_management.merge_pending (
  table_id integer NOT NULL,
  marked_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
CREATE INDEX IF NOT EXISTS merge_pending_table_id ON cdc_management.merge_pending (table_id);

CREATE TABLE IF NOT EXISTS cdc_management.cdc_processing_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_id integer NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  customer_id text,
  kafka_topic text,
  kafka_partition integer,
  rows_staged bigint NOT NULL,
  rows_inserted bigint NOT NULL,
  rows_updated bigint NOT NULL,
  rows_deleted bigint NOT NULL,
  rows_skipped bigint NOT NULL,
  rows_dead bigint NOT NULL,
  first_offset bigint,
  last_offset bigint,
  first_position bytea,
  last_position bytea,
  last_source_ts_ms bigint,
  merged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration_ms bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS cdc_processing_log_table_id ON cdc_management.cdc_processing_log (table_id, id);
CREATE INDEX IF NOT EXISTS cdc_processing_log_merged_at ON cdc_management.cdc_processing_log (merged_at);

CREATE TABLE IF NOT EXISTS cdc_management.migration_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  file_name text NOT NULL,
  checksum text NOT NULL,
  schema_name text,
  category text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text,
  execution_ms bigint,
  outcome text NOT NULL DEFAULT 'applied',
  tool_version text,
  UNIQUE NULLS NOT DISTINCT (file_name, schema_name)
);

CREATE TABLE IF NOT EXISTS cdc_management.error_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  table_id integer,
  schema_name text,
  table_name text,
  operation text NOT NULL,
  sqlstate text,
  message text NOT NULL,
  detail text
);

CREATE TABLE IF NOT EXISTS cdc_management.checkpoints (
  pipeline text NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  position bytea NOT NULL,
  events bigint NOT NULL DEFAULT 0,
  token bigint,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, schema_name, table_name)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS cdc_management.leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  token bigint NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS cdc_management.dead_letters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  pipeline text,
  position bytea,
  operation text,
  payload jsonb NOT NULL,
  event_hash text NOT NULL,
  staged boolean NOT NULL,
  reason text NOT NULL,
  sqlstate text,
  attempts integer NOT NULL DEFAULT 1,
  first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_tried timestamptz NOT NULL DEFAULT clock_timestamp(),
  resolved_at timestamptz,
  resolution text,
  UNIQUE (schema_name, table_name, event_hash)
);

CREATE TABLE IF NOT EXISTS cdc_management.tombstones (
  table_id integer NOT NULL,
  key text COLLATE "C" NOT NULL,
  position bytea NOT NULL,
  deleted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (table_id, key)
);
CREATE INDEX IF NOT EXISTS tombstones_deleted_at ON cdc_management.tombstones (deleted_at);

CREATE UNLOGGED TABLE IF NOT EXISTS cdc_management.kafka_inbox (
  topic text,
  tenant text,
  "partition" integer,
  "offset" bigint,
  "timestamp" timestamptz,
  event text
);

CREATE TABLE IF NOT EXISTS cdc_management.sources (
  pipeline text NOT NULL,
  source text NOT NULL,
  position bytea,
  commit_time timestamptz,
  seen_lsn bytea,
  seen_at timestamptz,
  token bigint,
  transactions bigint NOT NULL DEFAULT 0,
  events bigint NOT NULL DEFAULT 0,
  problem jsonb,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, source)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS cdc_management.source_tables (
  pipeline text NOT NULL,
  source text NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  relation oid,
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'snapshot', 'streaming', 'catching_up', 'stopped')),
  position bytea,
  capture_instance text,
  columns jsonb,
  snapshot jsonb,
  events bigint NOT NULL DEFAULT 0,
  problem jsonb,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, source, schema_name, table_name)
) WITH (fillfactor = 50);

ALTER TABLE cdc_management.migration_history
  ADD COLUMN IF NOT EXISTS applied_by text,
  ADD COLUMN IF NOT EXISTS execution_ms bigint,
  ADD COLUMN IF NOT EXISTS outcome text NOT NULL DEFAULT 'applied',
  ADD COLUMN IF NOT EXISTS tool_version text;
ALTER TABLE cdc_management.component_version
  ADD COLUMN IF NOT EXISTS definition text,
  ADD COLUMN IF NOT EXISTS objects jsonb;

CREATE OR REPLACE FUNCTION cdc_management.mark_table_for_merge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  -- As text: the type name has another collation than the index.
  v_schema CONSTANT text := TG_TABLE_SCHEMA;
  v_staging CONSTANT text := TG_TABLE_NAME;
BEGIN
  INSERT INTO cdc_management.merge_pending (table_id)
  SELECT c.table_id FROM cdc_management.merge_control AS c
  WHERE c.schema_name = v_schema AND c.staging_name = v_staging AND c.unregistered_at IS NULL;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.begin_merge(p_schema text, p_table text) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_id integer := (
    SELECT c.table_id FROM cdc_management.merge_control AS c
    WHERE c.schema_name = p_schema AND c.table_name = p_table
  );
BEGIN
  IF v_id IS NULL THEN
    RAISE EXCEPTION 'table %.% is not registered in cdc_management.merge_control', p_schema, p_table
      USING ERRCODE = 'CDC08', HINT = 'Deploy the stack again: its merge procedure registers the table.';
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'a merge needs the isolation level READ COMMITTED, not %', current_setting('transaction_isolation')
      USING ERRCODE = 'CDC07', HINT = 'Start the transaction with BEGIN ISOLATION LEVEL READ COMMITTED.';
  END IF;
  PERFORM pg_advisory_xact_lock(4408397, v_id);
  DELETE FROM cdc_management.merge_pending AS p WHERE p.table_id = v_id;
  RETURN v_id;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.finish_merge(
  p_id integer, p_started timestamptz, p_parts jsonb, p_inserted bigint, p_updated bigint, p_deleted bigint,
  p_dead bigint, p_remaining bigint, p_first bytea, p_last bytea
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_ms bigint := (1000 * extract(epoch FROM clock_timestamp() - p_started))::bigint;
  v_changed bigint := p_inserted + p_updated + p_deleted;
  v_staged bigint;
BEGIN
  WITH parts AS (
    SELECT x.topic, x.partition, sum(x.rows)::bigint AS rows, min(x.first) AS first, max(x.last) AS last, max(x.ts) AS ts,
      row_number() OVER (ORDER BY x.topic, x.partition) = 1 AS whole, sum(sum(x.rows)) OVER () AS staged
    FROM jsonb_to_recordset(p_parts) AS x (topic text, partition integer, rows bigint, first bigint, last bigint, ts bigint)
    GROUP BY x.topic, x.partition
  ), logged AS (
    INSERT INTO cdc_management.cdc_processing_log (
      table_id, schema_name, table_name, customer_id, kafka_topic, kafka_partition, rows_staged, rows_inserted,
      rows_updated, rows_deleted, rows_skipped, rows_dead, first_offset, last_offset, first_position, last_position,
      last_source_ts_ms, duration_ms
    )
    SELECT c.table_id, c.schema_name, c.table_name, c.shape ->> 'tenant', p.topic, p.partition, p.rows,
      CASE WHEN p.whole THEN p_inserted ELSE 0 END, CASE WHEN p.whole THEN p_updated ELSE 0 END,
      CASE WHEN p.whole THEN p_deleted ELSE 0 END,
      CASE WHEN p.whole THEN greatest(p.staged - v_changed - p_dead, 0) ELSE 0 END,
      CASE WHEN p.whole THEN p_dead ELSE 0 END, p.first, p.last, CASE WHEN p.whole THEN p_first END,
      CASE WHEN p.whole THEN p_last END, p.ts, v_ms
    FROM parts AS p CROSS JOIN cdc_management.merge_control AS c
    WHERE c.table_id = p_id
  )
  SELECT coalesce(sum(p.rows), 0) INTO v_staged FROM parts AS p;
  UPDATE cdc_management.merge_control AS c
  SET total_merges = c.total_merges + 1, total_rows_merged = c.total_rows_merged + v_changed,
    last_rows_merged = v_changed, last_merge_at = clock_timestamp(), last_duration_ms = v_ms, error_count = 0,
    retry_at = NULL
  WHERE c.table_id = p_id AND (v_staged > 0 OR c.error_count > 0);
  IF p_remaining > 0 THEN
    INSERT INTO cdc_management.merge_pending (table_id) VALUES (p_id);
  END IF;
  RETURN jsonb_build_object(
    'staged', v_staged, 'inserted', p_inserted, 'updated', p_updated, 'deleted', p_deleted,
    'skipped', greatest(v_staged - v_changed - p_dead, 0), 'dead', p_dead, 'duration_ms', v_ms, 'remaining', p_remaining
  );
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.compact_staging(p_staging regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_name text := (
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = p_staging
  );
  v_rows boolean;
BEGIN
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', v_name);
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', v_name) INTO v_rows;
  IF v_rows THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available';
  END IF;
  EXECUTE format('TRUNCATE TABLE %s', v_name);
EXCEPTION WHEN lock_not_available OR object_in_use THEN
  -- Undoes the lock: somebody is writing, or rows are left.
  NULL;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.record_dead_letter(
  p_schema text, p_table text, p_pipeline text, p_position bytea, p_operation text, p_payload jsonb,
  p_reason text, p_sqlstate text DEFAULT NULL, p_staged boolean DEFAULT false
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  -- Where and when the event came along is not part of it: a replay is the same event.
  v_event jsonb := p_payload - '{__kafka_topic,__kafka_partition,__kafka_offset,__kafka_timestamp,__source_ts_ms}'::text[];
  v_key jsonb := (
    SELECT jsonb_object_agg(k.name, p_payload -> k.name)
    FROM cdc_management.merge_control AS c CROSS JOIN LATERAL jsonb_array_elements_text(c.shape -> 'key') AS k (name)
    WHERE p_staged AND p_position IS NOT NULL AND c.schema_name = p_schema AND c.table_name = p_table
  );
  v_hash text := encode(sha256(convert_to(
    jsonb_build_array(encode(p_position, 'hex'), p_operation, coalesce(v_key, v_event))::text, 'UTF8'
  )), 'hex');
  v_id bigint;
BEGIN
  INSERT INTO cdc_management.dead_letters AS d (
    schema_name, table_name, pipeline, position, operation, payload, event_hash, staged, reason, sqlstate
  ) VALUES (p_schema, p_table, p_pipeline, p_position, p_operation, p_payload, v_hash, p_staged, p_reason, p_sqlstate)
  ON CONFLICT (schema_name, table_name, event_hash) DO UPDATE
  SET attempts = d.attempts + 1, last_tried = clock_timestamp(), reason = excluded.reason, sqlstate = excluded.sqlstate,
    resolved_at = CASE WHEN d.resolution IN ('retried', 'rewound') THEN NULL ELSE d.resolved_at END,
    resolution = CASE WHEN d.resolution IN ('retried', 'rewound') THEN NULL ELSE d.resolution END
  RETURNING d.id INTO v_id;
  RETURN v_id;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.resolve_dead_letter(p_id bigint, p_resolution text DEFAULT 'discarded') RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  UPDATE cdc_management.dead_letters AS d
  SET resolved_at = clock_timestamp(), resolution = p_resolution
  WHERE d.id = p_id AND d.resolved_at IS NULL;
  RETURN FOUND;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.retry_dead_letter(p_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_letter cdc_management.dead_letters;
  v_staging text;
BEGIN
  SELECT d.* INTO v_letter FROM cdc_management.dead_letters AS d WHERE d.id = p_id AND d.resolved_at IS NULL FOR UPDATE;
  SELECT format('%I.%I', c.schema_name, c.staging_name) INTO v_staging FROM cdc_management.merge_control AS c
  WHERE c.schema_name = v_letter.schema_name AND c.table_name = v_letter.table_name AND c.unregistered_at IS NULL;
  IF v_letter.staged IS NOT TRUE OR v_staging IS NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('INSERT INTO %s SELECT * FROM jsonb_populate_record(NULL::%s, $1)', v_staging, v_staging)
  USING v_letter.payload;
  RETURN cdc_management.resolve_dead_letter(p_id, 'retried');
END $function$;

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
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.release_lease(p_name text, p_token bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  UPDATE cdc_management.leases AS l SET expires_at = clock_timestamp() WHERE l.name = p_name AND l.token = p_token;
  RETURN FOUND;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.require_lease(p_lease text, p_token bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_token bigint;
BEGIN
  SELECT l.token INTO v_token FROM cdc_management.leases AS l WHERE l.name = p_lease FOR SHARE;
  IF v_token IS DISTINCT FROM p_token THEN
    RAISE EXCEPTION 'lease % has passed to another holder (token % is stale, the current one is %)',
      p_lease, p_token, coalesce(v_token::text, 'none')
      USING ERRCODE = 'CDC01', HINT = 'Another worker has taken over; this one must stop.';
  END IF;
END $function$;

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
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.record_checkpoint(
  p_pipeline text, p_schema text, p_table text, p_position bytea, p_events bigint,
  p_lease text DEFAULT NULL, p_token bigint DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF p_lease IS NOT NULL THEN
    PERFORM cdc_management.require_lease(p_lease, p_token);
  END IF;
  INSERT INTO cdc_management.checkpoints AS c (pipeline, schema_name, table_name, position, events, token)
  VALUES (p_pipeline, p_schema, p_table, p_position, p_events, p_token)
  ON CONFLICT (pipeline, schema_name, table_name) DO UPDATE
  SET position = CASE WHEN c.position < excluded.position THEN excluded.position ELSE c.position END,
    events = c.events + excluded.events, token = excluded.token, updated_at = now();
END $function$;

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
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.record_source_table(
  p_pipeline text, p_source text, p_token bigint, p_schema text, p_table text, p_change jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_relation CONSTANT oid := (
    SELECT r.oid FROM pg_class AS r JOIN pg_namespace AS n ON n.oid = r.relnamespace
    WHERE n.nspname = p_schema AND r.relname = p_table
  );
BEGIN
  PERFORM cdc_management.require_lease('pipeline:' || p_pipeline || ':' || p_source, p_token);
  DELETE FROM cdc_management.source_tables AS t
  WHERE t.pipeline = p_pipeline AND t.source = p_source AND t.schema_name = p_schema AND t.table_name = p_table
    AND t.relation <> v_relation;
  IF NOT (p_change ? 'capture_instance' AND p_change ? 'position' OR coalesce(p_change ->> 'state' = 'waiting', false))
    AND NOT EXISTS (
      SELECT FROM cdc_management.source_tables AS t
      WHERE t.pipeline = p_pipeline AND t.source = p_source AND t.schema_name = p_schema AND t.table_name = p_table
    ) THEN
    RETURN;
  END IF;
  INSERT INTO cdc_management.source_tables AS t (
    pipeline, source, schema_name, table_name, relation, state, position, capture_instance, columns, snapshot, problem
  ) VALUES (
    p_pipeline, p_source, p_schema, p_table, v_relation, coalesce(p_change ->> 'state', 'waiting'), decode(p_change ->> 'position', 'hex'),
    p_change ->> 'capture_instance', nullif(p_change -> 'columns', 'null'), nullif(p_change -> 'snapshot', 'null'),
    nullif(p_change -> 'problem', 'null')
  )
  ON CONFLICT (pipeline, source, schema_name, table_name) DO UPDATE
  SET relation = coalesce(excluded.relation, t.relation),
    state = CASE WHEN p_change ? 'state' THEN excluded.state ELSE t.state END,
    position = CASE WHEN p_change ? 'position' THEN excluded.position ELSE t.position END,
    capture_instance = CASE WHEN p_change ? 'capture_instance' THEN excluded.capture_instance ELSE t.capture_instance END,
    columns = CASE WHEN p_change ? 'columns' THEN excluded.columns ELSE t.columns END,
    snapshot = CASE WHEN p_change ? 'snapshot' THEN excluded.snapshot ELSE t.snapshot END,
    problem = CASE WHEN p_change ? 'problem' THEN excluded.problem ELSE t.problem END,
    updated_at = now();
END $function$;

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
  PERFORM pg_advisory_xact_lock(4408397, v_id);
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
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.call_merge(p_id integer) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_call text;
  v_result jsonb;
BEGIN
  SELECT format('CALL %I.%I(NULL)', c.schema_name, c.procedure_name) INTO STRICT v_call
  FROM cdc_management.merge_control AS c WHERE c.table_id = p_id AND c.unregistered_at IS NULL;
  EXECUTE v_call INTO v_result;
  RETURN v_result;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.manual_merge(p_schema text, p_table text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_id integer := (
    SELECT c.table_id FROM cdc_management.merge_control AS c
    WHERE c.schema_name = p_schema AND c.table_name = p_table AND c.unregistered_at IS NULL
  );
  v_part jsonb;
  v_sum jsonb := '{}';
BEGIN
  IF v_id IS NULL THEN
    RAISE EXCEPTION 'no table %.% is replicated into this database', p_schema, p_table
      USING ERRCODE = 'CDC08', HINT = 'SELECT schema_name, table_name FROM cdc_management.v_merge_status lists them.';
  END IF;
  LOOP
    v_part := cdc_management.call_merge(v_id);
    SELECT jsonb_object_agg(x.key, x.value::bigint + CASE WHEN x.key = 'remaining' THEN 0 ELSE coalesce((v_sum ->> x.key)::bigint, 0) END)
    INTO v_sum FROM jsonb_each_text(v_part) AS x;
    EXIT WHEN (v_part ->> 'remaining')::bigint = 0;
  END LOOP;
  RETURN v_sum;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.merge_next(p_skip integer[] DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_id integer;
  v_result jsonb;
  v_state text;
  v_message text;
  v_detail text;
BEGIN
  FOR v_id IN
    SELECT p.table_id
    FROM cdc_management.merge_pending AS p JOIN cdc_management.merge_control AS c USING (table_id)
    WHERE c.unregistered_at IS NULL AND (c.retry_at IS NULL OR c.retry_at <= clock_timestamp())
      AND p.table_id <> ALL (p_skip)
    GROUP BY p.table_id ORDER BY min(p.marked_at)
  LOOP
    CONTINUE WHEN NOT pg_try_advisory_xact_lock(4408397, v_id);
    BEGIN
      v_result := cdc_management.call_merge(v_id);
      RETURN jsonb_build_object('table_id', v_id, 'result', v_result);
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT, v_detail = PG_EXCEPTION_DETAIL;
    END;
    INSERT INTO cdc_management.error_log (table_id, schema_name, table_name, operation, sqlstate, message, detail)
    SELECT c.table_id, c.schema_name, c.table_name, 'merge', v_state, v_message, v_detail
    FROM cdc_management.merge_control AS c WHERE c.table_id = v_id;
    UPDATE cdc_management.merge_control AS c
    SET error_count = c.error_count + 1, last_error = v_message, last_error_at = clock_timestamp(),
      retry_at = clock_timestamp() + least(2 ^ least(c.error_count, 8), 300) * interval '1 second'
    WHERE c.table_id = v_id;
    RETURN jsonb_build_object('table_id', v_id, 'error', v_message, 'sqlstate', v_state);
  END LOOP;
  RETURN NULL;
END $function$;

CREATE OR REPLACE PROCEDURE cdc_management.trigger_pending_merges(p_window interval DEFAULT '5 seconds')
LANGUAGE plpgsql
AS $procedure$
DECLARE
  v_until timestamptz := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) p_window;
  v_failed integer[] := '{}';
  v_done jsonb;
BEGIN
  LOOP
    v_done := cdc_management.merge_next(v_failed);
    EXIT WHEN v_done IS NULL;
    IF v_done OPERATOR(pg_catalog.?) 'error' THEN
      v_failed := pg_catalog.array_append(v_failed, (v_done OPERATOR(pg_catalog.->>) 'table_id')::integer);
    END IF;
    COMMIT;
    EXIT WHEN pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) v_until;
  END LOOP;
END $procedure$;

CREATE OR REPLACE FUNCTION cdc_management.prune_tombstones(p_older_than interval DEFAULT '14 days') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_count bigint;
BEGIN
  DELETE FROM cdc_management.tombstones AS t WHERE t.deleted_at < now() - p_older_than;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.prune_history(p_older_than interval DEFAULT '30 days') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  DELETE FROM cdc_management.cdc_processing_log AS l WHERE l.merged_at < now() - p_older_than;
  DELETE FROM cdc_management.error_log AS e WHERE e.occurred_at < now() - p_older_than;
  DELETE FROM cdc_management.dead_letters AS d WHERE d.resolved_at < now() - p_older_than;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.cut_fraction(p_text text, p_digits integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_digits = 0 THEN pg_catalog.regexp_replace(p_text, '\.[0-9]+', '')
  ELSE pg_catalog.regexp_replace(p_text, '(\.[0-9]{' OPERATOR(pg_catalog.||) p_digits::pg_catalog.text OPERATOR(pg_catalog.||) '})[0-9]+', '\1')
END;

CREATE OR REPLACE FUNCTION cdc_management.staged_text(
  p_value jsonb, p_kind text, p_size integer, p_column text, p_required boolean
) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $function$
DECLARE
  v_type CONSTANT text := jsonb_typeof(p_value);
  v_text text := p_value #>> '{}';
  v_why text;
BEGIN
  IF v_text IS NULL THEN
    IF p_required THEN
      v_why := format('is %s, which it cannot be', CASE WHEN v_type IS NULL THEN 'absent' ELSE 'NULL' END);
      RAISE EXCEPTION 'column "%": %', p_column, v_why USING ERRCODE = 'null_value_not_allowed';
    END IF;
    RETURN NULL;
  END IF;
  IF v_type IN ('object', 'array') AND p_kind <> 'json' THEN
    v_why := format('is an %s, a text is expected', v_type);
  ELSIF v_type = 'number' AND (
    p_kind = 'integer' AND abs(v_text::numeric) > 9007199254740991
    OR p_kind = 'numeric' AND char_length(ltrim(translate(v_text, '-.', ''), '0')) > 15
  ) THEN
    v_why := 'is a JSON number, which may have lost digits: send it as text';
  ELSE
    CASE p_kind
      WHEN 'text' THEN
        IF char_length(v_text) > p_size THEN
          v_why := format('has %s characters, more than %s', char_length(v_text), p_size);
        END IF;
      WHEN 'integer' THEN
        IF v_text !~ '^[+-]?[0-9]+$' THEN
          v_why := 'is not a whole number';
        END IF;
      WHEN 'numeric' THEN
        IF v_text !~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?$' THEN
          v_why := 'is not a decimal number';
        END IF;
      WHEN 'boolean' THEN
        IF v_text !~* '^(1|true|t|0|false|f)$' THEN
          v_why := 'is not a boolean: 0, 1, true or false is expected';
        END IF;
      WHEN 'timestamp' THEN
        IF v_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?)?Z?$' THEN
          v_why := 'is not a date and time without a time zone (YYYY-MM-DD hh:mm:ss.fffffff)';
        END IF;
        v_text := cdc_management.cut_fraction(v_text, p_size);
      WHEN 'timestamptz' THEN
        IF v_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?)?( ?(Z|[+-](0[0-9]|1[0-3]):?[0-5][0-9]|[+-]14:?00))?$' THEN
          v_why := 'is not a date and time with an offset (YYYY-MM-DD hh:mm:ss.fffffff +hh:mm)';
        END IF;
        v_text := cdc_management.cut_fraction(v_text, p_size);
        IF v_text !~ '(Z|[+-][0-9]{2}:?[0-9]{2})$' OR v_text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
          v_text := v_text || '+00:00';
        END IF;
      WHEN 'date' THEN
        IF v_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00(:00(\.0*)?)?)?$' THEN
          v_why := 'is not a date (YYYY-MM-DD)';
        END IF;
        v_text := left(v_text, 10);
      WHEN 'time' THEN
        IF v_text !~ '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?$' THEN
          v_why := 'is not a time (hh:mm:ss.fffffff)';
        END IF;
        v_text := cdc_management.cut_fraction(v_text, p_size);
      WHEN 'bytea' THEN
        IF v_type = 'number' THEN
          v_why := 'is a JSON number: send hex as text';
        ELSIF v_text ~ '^base64:([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' THEN
          v_text := '\x' || encode(decode(substr(v_text, 8), 'base64'), 'hex');
        ELSIF v_text ~ '^(0[xX])?([0-9a-fA-F]{2})*$' THEN
          v_text := '\x' || regexp_replace(v_text, '^0[xX]', '');
        ELSE
          v_why := 'is not hex, nor base64 behind "base64:"';
        END IF;
      WHEN 'uuid' THEN
        IF v_text !~* '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\})$' THEN
          v_why := 'is not a uniqueidentifier (8-4-4-4-12 hex digits)';
        END IF;
      WHEN 'float' THEN
        IF v_text !~* '^([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,6})?|nan|[+-]?inf(inity)?)$' THEN
          v_why := 'is not a number';
        END IF;
      ELSE
        NULL;
    END CASE;
  END IF;
  IF v_why IS NOT NULL THEN
    RAISE EXCEPTION 'column "%": ''%'' %', p_column, left(v_text, 60), v_why USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN v_text;
END $function$;

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
$function$;

CREATE OR REPLACE FUNCTION cdc_management.values_differ(p_one jsonb, p_other jsonb, p_column jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $function$
DECLARE
  v_kind CONSTANT text := p_column ->> 'kind';
  v_size CONSTANT integer := p_column ->> 'size';
  v_name CONSTANT text := p_column ->> 'name';
  v_differ boolean;
BEGIN
  EXECUTE format('SELECT $1::%s IS DISTINCT FROM $2::%1$s', p_column ->> 'type') INTO v_differ
  USING cdc_management.staged_text(p_one, v_kind, v_size, v_name, true),
    cdc_management.staged_text(p_other, v_kind, v_size, v_name, true);
  RETURN v_differ;
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.event_position(p_metadata jsonb, p_operation text, p_offset bigint) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $function$
DECLARE
  v_given CONSTANT text := regexp_replace(lower(p_metadata ->> 'Position'), '^0x', '');
  v_lsn CONSTANT text := replace(regexp_replace(lower(p_metadata ->> 'LSN'), '^0x', ''), ':', '');
  v_command CONSTANT text := p_metadata ->> 'CommandId';
  v_seqval text := replace(regexp_replace(lower(p_metadata ->> 'SeqVal'), '^0x', ''), ':', '');
BEGIN
  IF v_given IS NOT NULL THEN
    IF v_given !~ '^[0-9a-f]{50}$' THEN
      RAISE EXCEPTION 'metadata "Position" is not 50 hex digits' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN decode(v_given, 'hex');
  END IF;
  IF v_seqval IS NULL AND (v_command IS NOT NULL OR p_operation = 'Read') THEN
    v_seqval := repeat('0', 20);
  ELSIF v_seqval IS NULL AND p_offset IS NOT NULL THEN
    v_seqval := lpad(to_hex(p_offset), 20, '0');
  END IF;
  IF coalesce(v_lsn !~ '^[0-9a-f]{20}$', true) OR coalesce(v_seqval !~ '^[0-9a-f]{20}$', true) THEN
    RAISE EXCEPTION 'the event has no position: metadata "LSN" and "SeqVal" are 20 hex digits each'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF coalesce(v_command !~ '^[0-9]{1,10}$' OR v_command::bigint > 4294967295, false) THEN
    RAISE EXCEPTION 'metadata "CommandId" is not a whole number from 0 to 4294967295' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN decode(
    v_lsn || lpad(to_hex(coalesce(v_command::bigint, 0)), 8, '0') || v_seqval
      || CASE p_operation WHEN 'Read' THEN '00' WHEN 'Delete' THEN '01' WHEN 'Insert' THEN '02' ELSE '04' END,
    'hex'
  );
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.old_key_position(p_update bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT substr(p_update, 1, 14)
    || CASE WHEN substr(p_update, 11, 4) = '\x00000000' THEN substr(p_update, 15, 10) ELSE decode(repeat('00', 10), 'hex') END
    || '\x03'::bytea
$function$;

CREATE OR REPLACE FUNCTION cdc_management.event_time(p_text text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $function$
DECLARE
  v_text CONSTANT text := btrim(p_text);
  v_time CONSTANT text := substring(v_text FROM '^.{10}[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?)');
  v_zone CONSTANT text := substring(v_text FROM '(Z|[+-][0-9]{2}:?[0-9]{2})$');
BEGIN
  IF v_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?(Z| ?[+-][0-9]{2}:?[0-9]{2})?$' THEN
    RAISE EXCEPTION 'metadata "CommitTime" is ''%'': ISO 8601 is expected', left(v_text, 60)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN floor(extract(epoch FROM (
    left(v_text, 10) || coalesce(' ' || v_time || coalesce(v_zone, 'Z'), ' 00:00Z')
  )::timestamptz) * 1000);
END $function$;

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
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.event_lines(p_event jsonb, p_table jsonb)
RETURNS TABLE (
  operation text, place bytea, data jsonb, whole boolean, unchanged text[], tenant text, source_ts_ms bigint,
  database text
)
LANGUAGE plpgsql STABLE
AS $function$
DECLARE
  v_meta CONSTANT jsonb := p_event -> 'metadata';
  v_data jsonb := nullif(p_event -> 'data', 'null');
  v_before jsonb := nullif(v_meta -> 'Before', 'null');
  v_old jsonb;
  v_key jsonb;
  v_name text;
  v_changed boolean := false;
BEGIN
  operation := CASE lower(v_meta ->> 'OperationType')
    WHEN 'insert' THEN 'Insert' WHEN 'c' THEN 'Insert' WHEN 'update' THEN 'Update' WHEN 'u' THEN 'Update'
    WHEN 'delete' THEN 'Delete' WHEN 'd' THEN 'Delete' WHEN 'read' THEN 'Read' WHEN 'r' THEN 'Read'
  END;
  IF operation IS NULL THEN
    RAISE EXCEPTION 'metadata "OperationType" is missing, or not Insert, Update, Delete or Read'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_data := coalesce(v_data, CASE WHEN operation = 'Delete' THEN '{}'::jsonb END);
  IF jsonb_typeof(v_data) IS DISTINCT FROM 'object' OR jsonb_typeof(v_before) <> 'object' THEN
    RAISE EXCEPTION '"data" is missing, or it or "Before" is not an object' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_before := coalesce(v_before, '{}');
  place := cdc_management.event_position(v_meta, operation, (p_event #>> '{kafka,offset}')::bigint);
  source_ts_ms := coalesce(
    cdc_management.event_time(v_meta ->> 'CommitTime'), (p_event #>> '{kafka,source_ts_ms}')::bigint
  );
  IF p_table ? 'tenants' THEN
    tenant := cdc_management.event_tenant(v_meta, p_table -> 'tenants');
  END IF;
  database := coalesce(v_meta ->> 'Database', p_table #>> ARRAY['tenants', tenant], p_table ->> 'database');
  whole := operation IN ('Insert', 'Read');
  data := v_data;
  IF operation = 'Update' THEN
    FOR v_key IN SELECT k FROM jsonb_array_elements(p_table -> 'keys') AS k WHERE v_before ? (k ->> 'source') LOOP
      v_name := v_key ->> 'source';
      IF NOT v_data ? v_name THEN
        v_data := v_data || jsonb_build_object(v_name, v_before -> v_name);
      ELSIF v_data -> v_name <> v_before -> v_name THEN
        v_changed := v_changed OR cdc_management.values_differ(v_data -> v_name, v_before -> v_name, v_key);
      END IF;
    END LOOP;
    data := v_data;
    IF v_changed THEN
      -- Under its new key the row is new to the sink: what the event lacks can only come from the image before.
      data := v_before || v_data;
      v_old := v_data || jsonb_strip_nulls(v_before);
    END IF;
  ELSIF operation = 'Delete' THEN
    v_old := v_before || jsonb_strip_nulls(v_data);
  END IF;
  IF v_old IS NOT NULL THEN
    v_old := (
      SELECT coalesce(jsonb_object_agg(k ->> 'source', v_old -> (k ->> 'source')), '{}')
      FROM jsonb_array_elements(p_table -> 'keys') AS k WHERE v_old ? (k ->> 'source')
    );
  END IF;
  IF operation = 'Delete' THEN
    data := v_old;
  ELSIF v_changed THEN
    RETURN QUERY SELECT 'Delete', cdc_management.old_key_position(place), v_old, false, NULL::text[], tenant, source_ts_ms, database;
  END IF;
  IF operation = 'Update' THEN
    unchanged := ARRAY(
      SELECT c ->> 'name' FROM jsonb_array_elements(p_table -> 'columns') AS c WHERE NOT data ? (c ->> 'source')
    );
    unchanged := nullif(unchanged || ARRAY(
      SELECT c ->> 'name' FROM jsonb_array_elements(p_table -> 'computed') AS c
      WHERE NOT coalesce(p_event -> 'computed' ? (c ->> 'name'), false)
    ), '{}');
  END IF;
  RETURN NEXT;
END $function$;

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
$function$;

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
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.bury_event(
  p_schema text, p_table text, p_pipeline text, p_event text, p_reason text, p_sqlstate text
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_event jsonb;
  v_operation text;
  v_place bytea;
BEGIN
  BEGIN
    v_event := p_event;
    v_operation := v_event #>> '{metadata,OperationType}';
    v_place := cdc_management.event_position(v_event -> 'metadata', initcap(v_operation), (v_event #>> '{kafka,offset}')::bigint);
    v_event := jsonb_set(v_event - 'kafka', '{metadata,Position}', to_jsonb(encode(v_place, 'hex')));
  EXCEPTION WHEN data_exception OR raise_exception OR program_limit_exceeded THEN
    -- Nothing can be taken out of a number or a string.
    v_event := CASE WHEN jsonb_typeof(v_event) = 'object' THEN v_event - 'kafka'
      ELSE jsonb_build_object('text', coalesce(p_event, '')) END;
  END;
  RETURN cdc_management.record_dead_letter(
    p_schema, p_table, p_pipeline, v_place, v_operation, v_event, p_reason, p_sqlstate
  );
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.stage_events(
  p_schema text, p_table text, p_pipeline text, p_columns text, p_events text
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_plan CONSTANT jsonb := cdc_management.staging_plan(p_schema, p_table, ARRAY(SELECT json_array_elements_text(p_columns::json)));
  v_table CONSTANT jsonb := v_plan -> 'table';
  v_insert CONSTANT text := v_plan ->> 'insert';
  v_events CONSTANT text[] := ARRAY(SELECT e::text FROM json_array_elements(p_events::json) AS e);
  v_count CONSTANT integer := cardinality(v_events);
  v_chunk integer := v_count;
  v_from integer := 1;
  v_dead integer := 0;
  v_state text;
  v_reason text;
BEGIN
  WHILE v_from <= v_count LOOP
    BEGIN
      EXECUTE v_insert USING v_events[v_from:v_from + v_chunk - 1], v_table, p_pipeline;
      v_from := v_from + v_chunk;
      v_chunk := v_chunk * 4;
      CONTINUE;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR raise_exception OR program_limit_exceeded THEN
      GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_reason = MESSAGE_TEXT;
    END;
    IF v_chunk > 1 THEN
      v_chunk := least(v_chunk, v_count - v_from + 1) / 4 + 1;
      IF v_chunk = 2 THEN
        v_chunk := 1;
      END IF;
    ELSE
      PERFORM cdc_management.bury_event(p_schema, p_table, p_pipeline, v_events[v_from], v_reason, v_state);
      v_dead := v_dead + 1;
      v_from := v_from + 1;
    END IF;
  END LOOP;
  RETURN jsonb_build_object('staged', v_count - v_dead, 'dead', v_dead);
END $function$;

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
$function$;

CREATE OR REPLACE FUNCTION cdc_management.kafka_event(p_value text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $function$
DECLARE
  v_event jsonb;
  v_source jsonb;
BEGIN
  BEGIN
    v_event := p_value;
  EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
  END;
  IF v_event #> '{payload,source}' IS NOT NULL THEN
    v_event := v_event -> 'payload';
  END IF;
  IF jsonb_typeof(v_event -> 'metadata') = 'object' THEN
    RETURN v_event;
  END IF;
  v_source := v_event -> 'source';
  IF v_source IS NULL OR NOT v_event ? 'op' THEN
    RETURN NULL;
  END IF;
  RETURN jsonb_build_object(
    'debezium', v_event - 'source',
    'kafka', jsonb_build_object('source_ts_ms', v_source ->> 'ts_ms'),
    'metadata', jsonb_strip_nulls(jsonb_build_object(
      'TableName', v_source ->> 'table', 'Schema', v_source ->> 'schema', 'Database', v_source ->> 'db',
      'OperationType', v_event ->> 'op', 'LSN', v_source ->> 'commit_lsn',
      'SeqVal', CASE WHEN v_event ->> 'op' <> 'r' THEN v_source ->> 'change_lsn' END
    ))
  );
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.debezium_event(p_event jsonb, p_shape jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $function$
DECLARE
  v_raw CONSTANT jsonb := p_event -> 'debezium';
  v_clocks text[];
  v_large text[];
  v_before jsonb;
BEGIN
  IF v_raw IS NULL THEN
    RETURN p_event;
  END IF;
  SELECT coalesce(array_agg(c ->> 'source') FILTER (WHERE c ->> 'type' ~ '^(date|time(\(|$))'), '{}'),
    coalesce(array_agg(c ->> 'source') FILTER (WHERE c ->> 'type' IN ('text', 'bytea', 'xml', 'json', 'jsonb')), '{}')
  INTO v_clocks, v_large
  FROM jsonb_array_elements(p_shape -> 'columns') AS c WHERE c ? 'source';
  v_before := cdc_management.debezium_row(v_raw -> 'before', v_clocks, v_large);
  RETURN jsonb_set(p_event - 'debezium', '{metadata,Before}', coalesce(v_before, 'null')) || jsonb_build_object(
    'data', cdc_management.debezium_row(v_raw -> 'after', v_clocks, CASE
      WHEN v_raw ->> 'op' = 'u' THEN ARRAY(SELECT n FROM unnest(v_large) AS n WHERE NOT coalesce(v_before ? n, false))
      ELSE '{}'
    END)
  );
END $function$;

CREATE OR REPLACE FUNCTION cdc_management.take_from_inbox() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_batch record;
BEGIN
  FOR v_batch IN
    SELECT c.table_id, c.schema_name, c.table_name, c.shape, count(*) AS events,
      jsonb_agg(cdc_management.debezium_event(e.event, c.shape) || jsonb_build_object('kafka', coalesce(e.event -> 'kafka', '{}') || jsonb_build_object(
        'topic', a.topic, 'partition', a."partition", 'offset', a."offset",
        'timestamp', floor(extract(epoch FROM a."timestamp") * 1000)
      )) ORDER BY a."partition", a."offset") FILTER (WHERE c.table_id IS NOT NULL) AS staged,
      array_agg(a.event ORDER BY a."partition", a."offset") FILTER (WHERE c.table_id IS NULL) AS refused
    FROM arrived AS a
    CROSS JOIN LATERAL (
      SELECT CASE WHEN k.event #>> '{metadata,Tenant}' IS NULL AND a.tenant IS NOT NULL
        THEN jsonb_set(k.event, '{metadata,Tenant}', to_jsonb(a.tenant)) ELSE k.event END AS event
      FROM (SELECT cdc_management.kafka_event(a.event)) AS k (event)
    ) AS e
    LEFT JOIN cdc_management.merge_control AS c ON c.unregistered_at IS NULL
      AND c.shape #>> '{source,table}' = e.event #>> '{metadata,TableName}'
      AND coalesce(c.shape #>> '{source,schema}' = e.event #>> '{metadata,Schema}', true)
      AND coalesce(c.shape #>> '{source,database}' = e.event #>> '{metadata,Database}', true)
      -- A customer's table takes no event that doesn't say whose it is.
      AND (NOT c.shape ? 'tenant' OR coalesce(c.shape ->> 'tenant' = e.event #>> '{metadata,Tenant}', false))
    WHERE a.event <> ''
    GROUP BY c.table_id, c.schema_name, c.table_name, c.shape
  LOOP
    IF v_batch.table_id IS NULL THEN
      PERFORM cdc_management.bury_event('', '', 'kafka_inbox', t.event, 'no event, or no deployed table takes it', NULL)
      FROM unnest(v_batch.refused) AS t (event);
    ELSE
      PERFORM cdc_management.stage_events(
        v_batch.schema_name, v_batch.table_name, 'kafka_inbox',
        (SELECT json_agg(s ->> 'name')::text FROM jsonb_array_elements(v_batch.shape -> 'columns') AS s WHERE s ? 'source'),
        v_batch.staged::text
      );
    END IF;
  END LOOP;
  DELETE FROM cdc_management.kafka_inbox AS i USING arrived AS a
  WHERE i.topic IS NOT DISTINCT FROM a.topic AND i."partition" IS NOT DISTINCT FROM a."partition"
    AND i."offset" IS NOT DISTINCT FROM a."offset";
  RETURN NULL;
END $function$;
CREATE OR REPLACE TRIGGER trg_take_from_inbox AFTER INSERT ON cdc_management.kafka_inbox
REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION cdc_management.take_from_inbox();

DROP VIEW IF EXISTS cdc_management.v_merge_status;
CREATE VIEW cdc_management.v_merge_status AS
SELECT c.schema_name, c.table_name, c.shape ->> 'tenant' AS customer_id,
  CASE
    WHEN m.objid IS NOT NULL THEN 'merging'
    WHEN c.error_count > 0 THEN 'failing'
    WHEN p.marked_at IS NOT NULL THEN 'pending'
    ELSE 'idle'
  END AS status,
  m.objid IS NOT NULL AS is_merging, p.marked_at AS pending_since, c.total_merges, c.total_rows_merged, c.last_rows_merged,
  c.last_merge_at, c.last_duration_ms, c.error_count, c.last_error, c.last_error_at, c.retry_at,
  (
    SELECT count(*) FROM cdc_management.dead_letters AS d
    WHERE d.schema_name = c.schema_name AND d.table_name = c.table_name AND d.resolved_at IS NULL
  ) AS dead_letters
FROM cdc_management.merge_control AS c
LEFT JOIN LATERAL (
  SELECT min(q.marked_at) AS marked_at FROM cdc_management.merge_pending AS q WHERE q.table_id = c.table_id
) AS p ON true
LEFT JOIN (
  SELECT DISTINCT l.objid
  FROM pg_catalog.pg_locks AS l
  WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 4408397::oid AND l.objsubid = 2
    AND l.database = (SELECT b.oid FROM pg_catalog.pg_database AS b WHERE b.datname = pg_catalog.current_database())
) AS m ON m.objid = c.table_id::oid
WHERE c.unregistered_at IS NULL;

DROP VIEW IF EXISTS cdc_management.v_recent_errors;
CREATE VIEW cdc_management.v_recent_errors AS
SELECT e.occurred_at, e.schema_name, e.table_name, e.operation, e.sqlstate, e.message, e.detail
FROM cdc_management.error_log AS e
ORDER BY e.id DESC
LIMIT 100;

DROP VIEW IF EXISTS cdc_management.v_cdc_processing_gaps;
CREATE VIEW cdc_management.v_cdc_processing_gaps AS
SELECT g.schema_name, g.table_name, g.customer_id, g.kafka_topic, g.kafka_partition,
  g.merged_up_to + 1 AS gap_first_offset, g.first_offset - 1 AS gap_last_offset,
  g.first_offset - g.merged_up_to - 1 AS missing_offsets, g.merged_at AS found_at
FROM (
  SELECT l.schema_name, l.table_name, l.customer_id, l.kafka_topic, l.kafka_partition, l.first_offset, l.merged_at,
    max(l.last_offset) OVER (
      PARTITION BY l.schema_name, l.table_name, l.kafka_topic, l.kafka_partition
      ORDER BY l.first_offset, l.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS merged_up_to
  FROM cdc_management.cdc_processing_log AS l
  WHERE l.first_offset IS NOT NULL
) AS g
WHERE g.first_offset > g.merged_up_to + 1;

DROP VIEW IF EXISTS cdc_management.v_cdc_replication_lag;
CREATE VIEW cdc_management.v_cdc_replication_lag AS
SELECT c.schema_name, c.table_name, c.shape ->> 'tenant' AS customer_id, l.merged_at AS last_merge_at,
  to_timestamp(l.last_source_ts_ms / 1000.0) AS last_source_at,
  (1000 * extract(epoch FROM l.merged_at))::bigint - l.last_source_ts_ms AS lag_ms,
  (1000 * extract(epoch FROM clock_timestamp() - p.marked_at))::bigint AS pending_ms
FROM cdc_management.merge_control AS c
LEFT JOIN LATERAL (
  SELECT g.merged_at, g.last_source_ts_ms FROM cdc_management.cdc_processing_log AS g
  WHERE g.table_id = c.table_id ORDER BY g.id DESC LIMIT 1
) AS l ON true
LEFT JOIN LATERAL (
  SELECT min(q.marked_at) AS marked_at FROM cdc_management.merge_pending AS q WHERE q.table_id = c.table_id
) AS p ON true
WHERE c.unregistered_at IS NULL;

DROP VIEW IF EXISTS cdc_management.v_dead_letters;
CREATE VIEW cdc_management.v_dead_letters AS
SELECT d.id, d.schema_name, d.table_name, d.pipeline, encode(d.position, 'hex') AS position, d.operation, d.reason,
  d.sqlstate, d.attempts, d.first_seen, d.last_tried, d.payload
FROM cdc_management.dead_letters AS d
WHERE d.resolved_at IS NULL
ORDER BY d.id;

DROP VIEW IF EXISTS cdc_management.v_sources;
CREATE VIEW cdc_management.v_sources AS
SELECT s.pipeline, s.source, encode(s.position, 'hex') AS position, s.commit_time, encode(s.seen_lsn, 'hex') AS seen_lsn,
  s.seen_at, s.transactions, s.events, CASE WHEN l.expires_at > clock_timestamp() THEN l.holder END AS holder,
  s.problem ->> 'code' AS problem_code, s.problem ->> 'message' AS problem, s.problem ->> 'hint' AS hint, s.updated_at
FROM cdc_management.sources AS s
LEFT JOIN cdc_management.leases AS l ON l.name = 'pipeline:' || s.pipeline || ':' || s.source
ORDER BY s.pipeline, s.source;

DROP VIEW IF EXISTS cdc_management.v_source_tables;
CREATE VIEW cdc_management.v_source_tables AS
SELECT t.pipeline, t.source, t.schema_name, t.table_name, c.shape ->> 'tenant' AS customer_id, t.state,
  encode(coalesce(t.position, s.position), 'hex') AS position, t.capture_instance, t.snapshot ->> 'phase' AS snapshot_phase,
  (t.snapshot ->> 'rows')::bigint AS snapshot_rows, t.events,
  (
    SELECT count(*) FROM cdc_management.dead_letters AS d
    WHERE d.schema_name = t.schema_name AND d.table_name = t.table_name AND d.resolved_at IS NULL
  ) AS dead_letters,
  t.problem ->> 'code' AS problem_code, t.problem ->> 'message' AS problem, t.problem ->> 'hint' AS hint,
  greatest(t.updated_at, s.updated_at) AS updated_at
FROM cdc_management.source_tables AS t
LEFT JOIN cdc_management.sources AS s ON s.pipeline = t.pipeline AND s.source = t.source
LEFT JOIN cdc_management.merge_control AS c ON c.schema_name = t.schema_name AND c.table_name = t.table_name
ORDER BY t.pipeline, t.source, t.schema_name, t.table_name;

REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA cdc_management FROM PUBLIC;

DO $job$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron') THEN
    PERFORM cron.schedule('cdc-merge ' || current_database(), '5 seconds', 'CALL cdc_management.trigger_pending_merges()');
    PERFORM cron.schedule('cdc-prune ' || current_database(), '17 3 * * *',
      'SELECT cdc_management.prune_tombstones(); SELECT cdc_management.prune_history()');
  END IF;
END $job$;

UPDATE cdc_management.component_version SET definition = '9c8d4e19a6b15e7a2e86a846156f1cd2a7b3646ca66a864a1a4a42cb0a151ac8', objects = NULL
WHERE component = 'cdc_management';

GRANT USAGE ON SCHEMA cdc_management TO "cdc_app";
GRANT SELECT ON ALL TABLES IN SCHEMA cdc_management TO "cdc_app";
GRANT EXECUTE ON FUNCTION
  cdc_management.acquire_lease(text, text, interval),
  cdc_management.release_lease(text, bigint),
  cdc_management.admit_token(text, bigint),
  cdc_management.record_checkpoint(text, text, text, bytea, bigint, text, bigint),
  cdc_management.record_source(text, text, bigint, bytea, timestamptz, bytea, bigint, bigint, jsonb, jsonb, boolean),
  cdc_management.record_source_table(text, text, bigint, text, text, jsonb),
  cdc_management.forget_positions(text, text, bigint, text, text, jsonb),
  cdc_management.record_dead_letter(text, text, text, bytea, text, jsonb, text, text, boolean),
  cdc_management.resolve_dead_letter(bigint, text),
  cdc_management.retry_dead_letter(bigint),
  cdc_management.manual_merge(text, text),
  cdc_management.merge_next(integer[]),
  cdc_management.stage_events(text, text, text, text, text),
  cdc_management.staging_plan(text, text, text[]),
  cdc_management.staging_value(jsonb),
  cdc_management.kind_of_type(oid, integer),
  cdc_management.event_lines(jsonb, jsonb),
  cdc_management.event_position(jsonb, text, bigint),
  cdc_management.old_key_position(bytea),
  cdc_management.event_time(text),
  cdc_management.event_tenant(jsonb, jsonb),
  cdc_management.values_differ(jsonb, jsonb, jsonb),
  cdc_management.staged_text(jsonb, text, integer, text, boolean),
  cdc_management.cut_fraction(text, integer),
  cdc_management.bury_event(text, text, text, text, text, text),
  cdc_management.kafka_event(text),
  cdc_management.debezium_row(jsonb, text[], text[]),
  cdc_management.debezium_event(jsonb, jsonb)
TO "cdc_app";
GRANT INSERT, DELETE ON TABLE cdc_management.kafka_inbox TO "cdc_app";
GRANT EXECUTE ON PROCEDURE cdc_management.trigger_pending_merges(interval) TO "cdc_app";
