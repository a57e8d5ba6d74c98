-- Body of the merge procedure.
-- view: merge-view.ts
-- The planner settings make it look target rows up by key whatever the statistics say: a scan of the target, or a
-- plan kept from when it was empty, would ruin small merges.

-- shape {{shapeHash}}, batch {{batchSize}}
#variable_conflict use_variable
DECLARE
  v_started CONSTANT timestamptz := clock_timestamp();
  v_all CONSTANT text[] := {{valueColumns}};
  v_required CONSTANT text[] := {{requiredColumns}};
  v_id CONSTANT integer := cdc_management.begin_merge({{schemaText}}, {{tableText}});
  v_tombs CONSTANT boolean := EXISTS (SELECT FROM cdc_management.tombstones AS b WHERE b.table_id = v_id);
  v_from tid := '(0,0)';
  v_to tid := '(4294967294,0)';
  v_part boolean := pg_relation_size({{stagingClass}}) / 8192 > greatest(batch_size / 32, 1);
  v_hold boolean := false;
  v_each boolean := false;
  v_slow bigint := 1;
  v_parts jsonb := '[]';
  v_inserted bigint := 0;
  v_updated bigint := 0;
  v_deleted bigint := 0;
  v_dead bigint := 0;
  v_first bytea;
  v_last bytea;
  v_remaining bigint := 0;
  v_late bigint;
  v_lost bigint;
  v_ids tid[];
  v_i integer := 1;
  v_chunk integer := 500;
  v_single_until integer := 0;
  v_kept bigint[];
  v_row {{staging}}%ROWTYPE;
  v_pos bytea;
  v_hex text;
  v_delete boolean;
  v_newest boolean;
  v_rel oid;
  v_tid tid;
  v_stored bytea;
  v_columns jsonb;
  v_before jsonb;
  v_unchanged text[];
  v_take text[];
  v_buried bytea;
  v_reason text;
  v_state text;
BEGIN
  IF v_part THEN
    SELECT g.ctid INTO v_from FROM {{staging}} AS g LIMIT 1;
    v_from := coalesce(v_from, '(0,0)');
    v_to := format('(%s,0)', (v_from::text::point)[0]::bigint + greatest(batch_size / 32, 1))::tid;
  END IF;
  LOOP
    BEGIN
{{> postgres/merge/fast.sql}}
      IF v_late > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'CDC02';
      END IF;
      IF v_lost > 0 THEN
        RAISE EXCEPTION 'rows of %.% were changed by somebody else during the merge', {{schemaText}}, {{tableText}}
          USING ERRCODE = 'serialization_failure';
      END IF;
      EXIT;
    EXCEPTION
      WHEN SQLSTATE 'CDC02' THEN
        v_hold := true;
      WHEN data_exception OR integrity_constraint_violation OR raise_exception OR program_limit_exceeded THEN
        v_each := true;
        v_inserted := 0;
        v_updated := 0;
        v_deleted := 0;
        v_parts := '[]';
        v_first := NULL;
        v_last := NULL;
        v_slow := 1;
        EXIT;
    END;
  END LOOP;
  IF v_slow > 0 OR v_hold THEN
{{> postgres/merge/slow.sql}}
  END IF;
  IF v_part OR v_hold THEN
    SELECT count(*) INTO v_remaining FROM {{staging}} AS g;
  END IF;
  IF pg_table_size({{stagingClass}}) > 67108864 THEN
    PERFORM cdc_management.compact_staging({{stagingClass}});
  END IF;
  result := cdc_management.finish_merge(
    v_id, v_started, v_parts, v_inserted, v_updated, v_deleted, v_dead, v_remaining, v_first, v_last
  );
END
