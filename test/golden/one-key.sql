CREATE TABLE IF NOT EXISTS "cust01"."Actor" (
  "Id" bigint NOT NULL,
  "Name" varchar(50),
  "Amount" numeric(8,2),
  "__sync_timestamp" timestamptz DEFAULT now() NOT NULL,
  "__source" text,
  "__source_db" text,
  "__source_table" text,
  "__source_ts_ms" bigint,
  "__cdc_operation" text,
  "__cdc_position" bytea,
  "__cdc_column_positions" jsonb,
  CONSTRAINT "pk_Actor" PRIMARY KEY ("Id")
);
CREATE INDEX IF NOT EXISTS "ix_sync_Actor" ON "cust01"."Actor" ("__sync_timestamp")
;
GRANT SELECT ON TABLE "cust01"."Actor" TO "cdc_app";

CREATE UNLOGGED TABLE IF NOT EXISTS "cust01"."stg_Actor" (
  "Amount" numeric(8,2),
  "Id" bigint,
  "Name" varchar(50),
  "__source" text,
  "__source_db" text,
  "__source_table" text,
  "__source_ts_ms" bigint,
  "__cdc_operation" text,
  "__cdc_position" bytea,
  "__cdc_unchanged" text[],
  "__kafka_topic" text,
  "__kafka_partition" integer,
  "__kafka_offset" bigint,
  "__kafka_timestamp" timestamptz
);
CREATE OR REPLACE TRIGGER trg_mark_for_merge AFTER INSERT ON "cust01"."stg_Actor"
FOR EACH STATEMENT EXECUTE FUNCTION cdc_management.mark_table_for_merge()
;
GRANT SELECT, INSERT ON TABLE "cust01"."stg_Actor" TO "cdc_app";

CREATE OR REPLACE PROCEDURE "cust01"."sp_merge_Actor"(INOUT result jsonb DEFAULT NULL, batch_size integer DEFAULT 1000000)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET work_mem = '64MB'
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $merge$
-- shape e4c57bbecf9d623e3603258178025e27f93249f0d225cf6788a9d14f3d42c899, batch 1000000
#variable_conflict use_variable
DECLARE
  v_started CONSTANT timestamptz := clock_timestamp();
  v_all CONSTANT text[] := ARRAY['Amount', 'Name']::text[];
  v_required CONSTANT text[] := ARRAY[]::text[];
  v_id CONSTANT integer := cdc_management.begin_merge('cust01', 'Actor');
  v_tombs CONSTANT boolean := EXISTS (SELECT FROM cdc_management.tombstones AS b WHERE b.table_id = v_id);
  v_from tid := '(0,0)';
  v_to tid := '(4294967294,0)';
  v_part boolean := pg_relation_size('"cust01"."stg_Actor"'::regclass) / 8192 > greatest(batch_size / 32, 1);
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
  v_row "cust01"."stg_Actor"%ROWTYPE;
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
    SELECT g.ctid INTO v_from FROM "cust01"."stg_Actor" AS g LIMIT 1;
    v_from := coalesce(v_from, '(0,0)');
    v_to := format('(%s,0)', (v_from::text::point)[0]::bigint + greatest(batch_size / 32, 1))::tid;
  END IF;
  LOOP
    BEGIN
      WITH gone AS (
        DELETE FROM "cust01"."stg_Actor" AS g
        WHERE g.ctid >= v_from AND g.ctid < v_to AND g.__cdc_unchanged IS NULL AND g.__cdc_position IS NOT NULL AND g."Id" IS NOT NULL
          AND NOT (v_hold AND EXISTS (
            SELECT FROM "cust01"."Actor" AS t CROSS JOIN LATERAL jsonb_each_text(t.__cdc_column_positions) AS c
            WHERE t."Id" = g."Id" AND t.__cdc_position > g.__cdc_position
              AND c.value COLLATE "C" < encode(g.__cdc_position, 'hex')
          ))
      ), parts AS (
        SELECT g.__kafka_topic AS topic, g.__kafka_partition AS partition,
          g.__cdc_unchanged IS NULL AND g.__cdc_position IS NOT NULL AND g."Id" IS NOT NULL AND NOT (v_hold AND EXISTS (
            SELECT FROM "cust01"."Actor" AS t CROSS JOIN LATERAL jsonb_each_text(t.__cdc_column_positions) AS c
            WHERE t."Id" = g."Id" AND t.__cdc_position > g.__cdc_position
              AND c.value COLLATE "C" < encode(g.__cdc_position, 'hex')
          )) AS fast,
          count(*) AS rows, min(g.__kafka_offset) AS first, max(g.__kafka_offset) AS last, max(g.__source_ts_ms) AS ts
        FROM "cust01"."stg_Actor" AS g
        WHERE g.ctid >= v_from AND g.ctid < v_to
        GROUP BY 1, 2, 3
      ), latest AS (
        SELECT DISTINCT ON (g."Id") g."Id" AS k1, g.__cdc_position AS pos, g.ctid AS sid, coalesce(left(g.__cdc_operation, 1) IN ('d', 'D'), false) AS del
        FROM "cust01"."stg_Actor" AS g
        WHERE g.ctid >= v_from AND g.ctid < v_to AND g.__cdc_unchanged IS NULL AND g.__cdc_position IS NOT NULL AND g."Id" IS NOT NULL
          AND NOT (v_hold AND EXISTS (
            SELECT FROM "cust01"."Actor" AS t CROSS JOIN LATERAL jsonb_each_text(t.__cdc_column_positions) AS c
            WHERE t."Id" = g."Id" AND t.__cdc_position > g.__cdc_position
              AND c.value COLLATE "C" < encode(g.__cdc_position, 'hex')
          ))
        ORDER BY g."Id", g.__cdc_position DESC
      ), seen AS (
        SELECT n.*, t.ctid AS tid, t.__cdc_position AS stored,
          CASE WHEN v_tombs AND t.ctid IS NULL THEN (
            SELECT b.position FROM cdc_management.tombstones AS b WHERE b.table_id = v_id AND b.key = jsonb_build_array(n.k1)::text
          ) END AS buried,
          t.__cdc_column_positions IS NOT NULL AND t.__cdc_position > n.pos AND EXISTS (
            SELECT FROM jsonb_each_text(t.__cdc_column_positions) AS c
            WHERE c.value COLLATE "C" < encode(n.pos, 'hex')
          ) AS late
        FROM latest AS n LEFT JOIN "cust01"."Actor" AS t ON t."Id" = n.k1
      ), newer AS MATERIALIZED (
        SELECT s.k1, s.pos, s.sid, s.del, s.tid,
          s.late AS late
        FROM seen AS s
        WHERE s.late OR coalesce(s.stored < s.pos, true) AND coalesce(s.buried < s.pos, true)
      ), removed AS (
        DELETE FROM "cust01"."Actor" AS t USING newer AS n
        WHERE t.ctid = n.tid AND t."Id" = n.k1 AND n.del AND NOT n.late
        RETURNING 1
      ), buried AS (
        INSERT INTO cdc_management.tombstones AS b (table_id, key, position)
        SELECT v_id, jsonb_build_array(n.k1)::text, n.pos FROM newer AS n WHERE n.del AND NOT n.late
        ON CONFLICT (table_id, key) DO UPDATE SET position = excluded.position, deleted_at = excluded.deleted_at
        WHERE b.position < excluded.position
      ), changed AS (
        UPDATE "cust01"."Actor" AS t SET
          "Amount" = g."Amount",
          "Name" = g."Name",
          "__sync_timestamp" = now(),
          "__source" = g."__source",
          "__source_db" = g."__source_db",
          "__source_table" = g."__source_table",
          "__source_ts_ms" = g."__source_ts_ms",
          "__cdc_operation" = g."__cdc_operation",
          "__cdc_position" = g."__cdc_position",
          "__cdc_column_positions" = NULL
        FROM newer AS n JOIN "cust01"."stg_Actor" AS g ON g.ctid = n.sid
        WHERE t.ctid = n.tid AND t."Id" = n.k1 AND NOT n.del AND NOT n.late
        RETURNING 1
      ), added AS (
        INSERT INTO "cust01"."Actor" (
          "Id", "Amount", "Name", "__sync_timestamp", "__source", "__source_db", "__source_table", "__source_ts_ms", "__cdc_operation", "__cdc_position", "__cdc_column_positions"
        )
        SELECT
          g."Id", g."Amount", g."Name", now(), g."__source", g."__source_db", g."__source_table", g."__source_ts_ms", g."__cdc_operation", g.__cdc_position, NULL
        FROM newer AS n JOIN "cust01"."stg_Actor" AS g ON g.ctid = n.sid
        WHERE n.tid IS NULL AND NOT n.del AND NOT n.late
        RETURNING 1
      ), unburied AS (
        DELETE FROM cdc_management.tombstones AS b USING newer AS n
        WHERE v_tombs AND n.tid IS NULL AND NOT n.del AND NOT n.late AND b.table_id = v_id AND b.key = jsonb_build_array(n.k1)::text
      )
      SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM changed),
        (SELECT count(*) FROM removed), x.late,
        x.found - (SELECT count(*) FROM changed) - (SELECT count(*) FROM removed),
        (SELECT n.pos FROM newer AS n ORDER BY n.pos LIMIT 1),
        (SELECT n.pos FROM newer AS n ORDER BY n.pos DESC LIMIT 1),
        p.parts, p.slow
      INTO v_inserted, v_updated, v_deleted, v_late, v_lost, v_first, v_last, v_parts, v_slow
      FROM (
        SELECT count(*) FILTER (WHERE n.late) AS late, count(*) FILTER (WHERE n.tid IS NOT NULL AND NOT n.late) AS found
        FROM newer AS n
      ) AS x
      CROSS JOIN (
        SELECT coalesce(jsonb_agg(to_jsonb(q)) FILTER (WHERE q.fast), '[]') AS parts,
          coalesce(sum(q.rows) FILTER (WHERE NOT q.fast), 0) AS slow
        FROM parts AS q
      ) AS p;
      IF v_late > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'CDC02';
      END IF;
      IF v_lost > 0 THEN
        RAISE EXCEPTION 'rows of %.% were changed by somebody else during the merge', 'cust01', 'Actor'
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
    WITH rest AS MATERIALIZED (
      SELECT g.ctid AS sid, g.__cdc_position AS pos, g.__kafka_topic, g.__kafka_partition, g.__kafka_offset, g.__source_ts_ms
      FROM "cust01"."stg_Actor" AS g
      WHERE g.ctid >= v_from AND g.ctid < v_to
        AND (v_each OR NOT (g.__cdc_unchanged IS NULL AND g.__cdc_position IS NOT NULL AND g."Id" IS NOT NULL) OR (v_hold AND EXISTS (
            SELECT FROM "cust01"."Actor" AS t CROSS JOIN LATERAL jsonb_each_text(t.__cdc_column_positions) AS c
            WHERE t."Id" = g."Id" AND t.__cdc_position > g.__cdc_position
              AND c.value COLLATE "C" < encode(g.__cdc_position, 'hex')
          )))
    ), parts AS (
      SELECT r.__kafka_topic AS topic, r.__kafka_partition AS partition, count(*) AS rows, min(r.__kafka_offset) AS first,
        max(r.__kafka_offset) AS last, max(r.__source_ts_ms) AS ts
      FROM rest AS r GROUP BY r.__kafka_topic, r.__kafka_partition
    )
    SELECT ARRAY(SELECT r.sid FROM rest AS r ORDER BY r.pos, r.sid),
      v_parts || (SELECT coalesce(jsonb_agg(to_jsonb(q)), '[]') FROM parts AS q),
      least(v_first, (SELECT r.pos FROM rest AS r ORDER BY r.pos LIMIT 1)),
      greatest(v_last, (SELECT r.pos FROM rest AS r ORDER BY r.pos DESC NULLS LAST LIMIT 1))
    INTO v_ids, v_parts, v_first, v_last;
    WHILE v_i <= cardinality(v_ids) LOOP
      v_kept := ARRAY[v_inserted, v_updated, v_deleted, v_dead];
      BEGIN
        FOR v_j IN v_i .. least(v_i + v_chunk - 1, cardinality(v_ids)) LOOP
          DELETE FROM "cust01"."stg_Actor" AS g WHERE g.ctid = v_ids[v_j] RETURNING g.* INTO STRICT v_row;
          v_pos := v_row.__cdc_position;
          v_hex := encode(v_pos, 'hex');
          v_reason := CASE
            WHEN v_pos IS NULL THEN 'the event has no position'
            WHEN v_row."Id" IS NULL THEN 'key column Id is NULL'
          END;
          IF v_reason IS NOT NULL THEN
            PERFORM cdc_management.record_dead_letter(
              'cust01', 'Actor', v_row.__source, v_pos, v_row.__cdc_operation, to_jsonb(v_row), v_reason, NULL, true
            );
            v_dead := v_dead + 1;
            CONTINUE;
          END IF;
          v_delete := coalesce(left(v_row.__cdc_operation, 1) IN ('d', 'D'), false);
          v_unchanged := ARRAY(SELECT u FROM unnest(v_row.__cdc_unchanged) AS u WHERE u = ANY (v_all));
          v_rel := NULL;
          SELECT t.tableoid, t.ctid, t.__cdc_position, t.__cdc_column_positions INTO v_rel, v_tid, v_stored, v_columns
          FROM "cust01"."Actor" AS t WHERE t."Id" = v_row."Id";
          IF v_rel IS NULL THEN
            SELECT b.position INTO v_buried FROM cdc_management.tombstones AS b
            WHERE b.table_id = v_id AND b.key = jsonb_build_array(v_row."Id")::text;
            IF v_delete THEN
              INSERT INTO cdc_management.tombstones AS b (table_id, key, position) VALUES (v_id, jsonb_build_array(v_row."Id")::text, v_pos)
              ON CONFLICT (table_id, key) DO UPDATE SET position = excluded.position, deleted_at = excluded.deleted_at
              WHERE b.position < excluded.position;
              CONTINUE;
            END IF;
            CONTINUE WHEN v_buried >= v_pos;
            v_columns := NULL;
            IF cardinality(v_unchanged) > 0 THEN
              -- What these columns held is not known yet: any older event may still tell, down to the last delete.
              SELECT jsonb_object_agg(u, coalesce(encode(v_buried, 'hex'), '')) INTO v_columns
              FROM unnest(v_unchanged) AS u;
              v_row := jsonb_populate_record(v_row, (SELECT jsonb_object_agg(u, NULL) FROM unnest(v_unchanged) AS u));
            END IF;
            INSERT INTO "cust01"."Actor" (
              "Id", "Amount", "Name", "__sync_timestamp", "__source", "__source_db", "__source_table", "__source_ts_ms", "__cdc_operation", "__cdc_position", "__cdc_column_positions"
            ) VALUES (
              v_row."Id", v_row."Amount", v_row."Name", now(), v_row."__source", v_row."__source_db", v_row."__source_table", v_row."__source_ts_ms", v_row."__cdc_operation", v_pos, v_columns
            );
            v_inserted := v_inserted + 1;
            DELETE FROM cdc_management.tombstones AS b
            WHERE v_buried IS NOT NULL AND b.table_id = v_id AND b.key = jsonb_build_array(v_row."Id")::text;
            CONTINUE;
          END IF;
          CONTINUE WHEN v_stored = v_pos;
          v_newest := coalesce(v_stored < v_pos, true);
          v_before := v_columns;
          IF v_newest AND v_delete THEN
            DELETE FROM "cust01"."Actor" AS t WHERE t.tableoid = v_rel AND t.ctid = v_tid;
            INSERT INTO cdc_management.tombstones AS b (table_id, key, position) VALUES (v_id, jsonb_build_array(v_row."Id")::text, v_pos)
            ON CONFLICT (table_id, key) DO UPDATE SET position = excluded.position, deleted_at = excluded.deleted_at
            WHERE b.position < excluded.position;
            v_deleted := v_deleted + 1;
            CONTINUE;
          END IF;
          IF NOT v_newest THEN
            -- Only columns whose stored value is older than this event; '' stands for all that are not named.
            CONTINUE WHEN v_columns IS NULL;
            v_take := ARRAY(
              SELECT a FROM unnest(v_all) AS a
              WHERE coalesce(v_columns ->> a, v_columns ->> '') COLLATE "C" < v_hex
                AND (v_delete OR a <> ALL (v_unchanged))
            );
            CONTINUE WHEN cardinality(v_take) = 0;
            v_columns := v_columns || (SELECT jsonb_object_agg(a, v_hex) FROM unnest(v_take) AS a);
            v_pos := v_stored;
            IF v_delete THEN
              -- The values are those of a row that was deleted in between; a required one stays until its event comes.
              v_row := NULL;
              v_take := ARRAY(SELECT a FROM unnest(v_take) AS a WHERE a <> ALL (v_required));
            END IF;
          ELSE
            v_take := ARRAY(SELECT a FROM unnest(v_all) AS a WHERE a <> ALL (v_unchanged));
            v_columns := (
              SELECT jsonb_object_agg(u, coalesce(v_before ->> u, v_before ->> '', encode(v_stored, 'hex'), ''))
              FROM unnest(v_unchanged) AS u
            );
          END IF;
          UPDATE "cust01"."Actor" AS t SET
            "Amount" = CASE WHEN 'Amount' = ANY (v_take) THEN v_row."Amount" ELSE t."Amount" END,
            "Name" = CASE WHEN 'Name' = ANY (v_take) THEN v_row."Name" ELSE t."Name" END,
            "__sync_timestamp" = now(),
            "__source" = CASE WHEN v_newest THEN v_row."__source" ELSE t."__source" END,
            "__source_db" = CASE WHEN v_newest THEN v_row."__source_db" ELSE t."__source_db" END,
            "__source_table" = CASE WHEN v_newest THEN v_row."__source_table" ELSE t."__source_table" END,
            "__source_ts_ms" = CASE WHEN v_newest THEN v_row."__source_ts_ms" ELSE t."__source_ts_ms" END,
            "__cdc_operation" = CASE WHEN v_newest THEN v_row."__cdc_operation" ELSE t."__cdc_operation" END,
            "__cdc_position" = v_pos,
            "__cdc_column_positions" = v_columns
          WHERE t.tableoid = v_rel AND t.ctid = v_tid;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'a row of %.% was changed by somebody else during the merge', 'cust01', 'Actor'
              USING ERRCODE = 'serialization_failure';
          END IF;
          v_updated := v_updated + 1;
        END LOOP;
        v_i := v_i + v_chunk;
      EXCEPTION WHEN data_exception OR integrity_constraint_violation OR raise_exception OR program_limit_exceeded THEN
        v_inserted := v_kept[1];
        v_updated := v_kept[2];
        v_deleted := v_kept[3];
        v_dead := v_kept[4];
        IF v_chunk > 1 THEN
          v_single_until := v_i + v_chunk;
          v_chunk := 1;
        ELSE
          GET STACKED DIAGNOSTICS v_reason = MESSAGE_TEXT, v_state = RETURNED_SQLSTATE;
          DELETE FROM "cust01"."stg_Actor" AS g WHERE g.ctid = v_ids[v_i] RETURNING g.* INTO STRICT v_row;
          PERFORM cdc_management.record_dead_letter(
            'cust01', 'Actor', v_row.__source, v_row.__cdc_position, v_row.__cdc_operation, to_jsonb(v_row),
            v_reason, v_state, true
          );
          v_dead := v_dead + 1;
          v_i := v_i + 1;
        END IF;
      END;
      IF v_i >= v_single_until THEN
        v_chunk := 500;
      END IF;
    END LOOP;
  END IF;
  IF v_part OR v_hold THEN
    SELECT count(*) INTO v_remaining FROM "cust01"."stg_Actor" AS g;
  END IF;
  IF pg_table_size('"cust01"."stg_Actor"'::regclass) > 67108864 THEN
    PERFORM cdc_management.compact_staging('"cust01"."stg_Actor"'::regclass);
  END IF;
  result := cdc_management.finish_merge(
    v_id, v_started, v_parts, v_inserted, v_updated, v_deleted, v_dead, v_remaining, v_first, v_last
  );
END
$merge$;

REVOKE EXECUTE ON PROCEDURE "cust01"."sp_merge_Actor"(jsonb, integer) FROM PUBLIC
;
GRANT EXECUTE ON PROCEDURE "cust01"."sp_merge_Actor"(jsonb, integer) TO "cdc_app";

INSERT INTO cdc_management.merge_control AS c (schema_name, table_name, staging_name, procedure_name, shape)
VALUES ('cust01', 'Actor', 'stg_Actor', 'sp_merge_Actor', '{"version":1,"schema":"cust01","table":"Actor","staging":"stg_Actor","procedure":"sp_merge_Actor","source":{"schema":"dbo","table":"Actor"},"tenant":"cust01","key":["Id"],"columns":[{"name":"Id","type":"bigint","nullable":false,"source":"Id"},{"name":"Amount","type":"numeric(8,2)","nullable":true,"source":"Amount"},{"name":"Name","type":"varchar(50)","nullable":true,"source":"Name"}],"onDelete":"hard","transforms":[]}')
ON CONFLICT (schema_name, table_name) DO UPDATE
SET staging_name = excluded.staging_name, procedure_name = excluded.procedure_name, shape = excluded.shape,
  registered_at = now(), unregistered_at = NULL, error_count = 0, retry_at = NULL;
INSERT INTO cdc_management.merge_pending (table_id)
SELECT c.table_id FROM cdc_management.merge_control AS c WHERE c.schema_name = 'cust01' AND c.table_name = 'Actor'
  AND EXISTS (SELECT FROM "cust01"."stg_Actor");
