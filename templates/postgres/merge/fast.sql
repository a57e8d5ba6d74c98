-- All rows that carry every column, at once. The scans of staging share the statement's snapshot, so what is deleted
-- is what is read. Only keys, positions and row addresses are sorted and kept; whole rows are fetched by address.
-- view: merge-view.ts
      WITH gone AS (
        DELETE FROM {{staging}} AS g
        WHERE g.ctid >= v_from AND g.ctid < v_to AND {{fast}}
          AND NOT (v_hold AND {{late}})
      ), parts AS (
        SELECT g.__kafka_topic AS topic, g.__kafka_partition AS partition,
          {{fast}} AND NOT (v_hold AND {{late}}) AS fast,
          count(*) AS rows, min(g.__kafka_offset) AS first, max(g.__kafka_offset) AS last, max(g.__source_ts_ms) AS ts
        FROM {{staging}} AS g
        WHERE g.ctid >= v_from AND g.ctid < v_to
        GROUP BY 1, 2, 3
      ), latest AS (
        SELECT DISTINCT ON ({{stagedKey}}) {{stagedKeyAs}}, g.__cdc_position AS pos, g.ctid AS sid, {{isDelete}} AS del
        FROM {{staging}} AS g
        WHERE g.ctid >= v_from AND g.ctid < v_to AND {{fast}}
          AND NOT (v_hold AND {{late}})
        ORDER BY {{stagedKey}}, g.__cdc_position DESC
      ), seen AS (
        SELECT n.*, t.ctid AS tid, t.__cdc_position AS stored,
          CASE WHEN v_tombs AND t.ctid IS NULL THEN (
            SELECT b.position FROM cdc_management.tombstones AS b WHERE b.table_id = v_id AND b.key = {{tombKey}}
          ) END AS buried,
          t.__cdc_column_positions IS NOT NULL AND t.__cdc_position > n.pos AND EXISTS (
            SELECT FROM jsonb_each_text(t.__cdc_column_positions) AS c
            WHERE c.value COLLATE "C" < encode(n.pos, 'hex')
          ) AS late
        FROM latest AS n LEFT JOIN {{target}} AS t ON {{targetIsKey}}
      ), newer AS MATERIALIZED (
        SELECT {{keyNames}}, s.pos, s.sid, s.del, s.tid,
          s.late{{#soft}} OR coalesce(s.buried >= s.pos, false){{/soft}} AS late
        FROM seen AS s
        WHERE s.late OR coalesce(s.stored < s.pos, true){{^soft}} AND coalesce(s.buried < s.pos, true){{/soft}}
{{^soft}}
      ), removed AS (
        DELETE FROM {{target}} AS t USING newer AS n
        WHERE t.ctid = n.tid AND {{targetIsKey}} AND n.del AND NOT n.late
        RETURNING 1
      ), buried AS (
        INSERT INTO cdc_management.tombstones AS b (table_id, key, position)
        SELECT v_id, {{tombKey}}, n.pos FROM newer AS n WHERE n.del AND NOT n.late
        ON CONFLICT (table_id, key) DO UPDATE SET position = excluded.position, deleted_at = excluded.deleted_at
        WHERE b.position < excluded.position
{{/soft}}
      ), changed AS (
        UPDATE {{target}} AS t SET
          {{setStaged}}
        FROM newer AS n JOIN {{staging}} AS g ON g.ctid = n.sid
        WHERE t.ctid = n.tid AND {{targetIsKey}} AND NOT n.del AND NOT n.late
        RETURNING 1
      ), added AS (
        INSERT INTO {{target}} (
          {{insertColumns}}
        )
        SELECT
          {{insertStaged}}
        FROM newer AS n JOIN {{staging}} AS g ON g.ctid = n.sid
        WHERE n.tid IS NULL AND NOT n.del AND NOT n.late
        RETURNING 1
      ), unburied AS (
        DELETE FROM cdc_management.tombstones AS b USING newer AS n
        WHERE v_tombs AND n.tid IS NULL AND NOT n.del AND NOT n.late AND b.table_id = v_id AND b.key = {{tombKey}}
      )
      SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM changed),
        {{^soft}}(SELECT count(*) FROM removed){{/soft}}{{#soft}}0{{/soft}}, x.late,
        x.found - (SELECT count(*) FROM changed){{^soft}} - (SELECT count(*) FROM removed){{/soft}},
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
