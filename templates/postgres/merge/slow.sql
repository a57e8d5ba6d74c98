-- What is left, row by row in the order of positions: patches (not all columns), rows that came late for some columns,
-- rows without a position or key, and all rows when the set-based statement met a bad one. 500 rows share a
-- subtransaction; when one of them is refused each gets its own, and the bad one becomes a dead letter.
-- view: merge-view.ts
    WITH rest AS MATERIALIZED (
      SELECT g.ctid AS sid, g.__cdc_position AS pos, g.__kafka_topic, g.__kafka_partition, g.__kafka_offset, g.__source_ts_ms
      FROM {{staging}} AS g
      WHERE g.ctid >= v_from AND g.ctid < v_to
        AND (v_each OR NOT ({{fast}}) OR (v_hold AND {{late}}))
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
          DELETE FROM {{staging}} AS g WHERE g.ctid = v_ids[v_j] RETURNING g.* INTO STRICT v_row;
          v_pos := v_row.__cdc_position;
          v_hex := encode(v_pos, 'hex');
          v_reason := CASE
            WHEN v_pos IS NULL THEN 'the event has no position'
            {{nullKeyReasons}}
          END;
          IF v_reason IS NOT NULL THEN
            PERFORM cdc_management.record_dead_letter(
              {{schemaText}}, {{tableText}}, v_row.__source, v_pos, v_row.__cdc_operation, to_jsonb(v_row), v_reason, NULL, true
            );
            v_dead := v_dead + 1;
            CONTINUE;
          END IF;
          v_delete := {{rowIsDelete}};
          v_unchanged := ARRAY(SELECT u FROM unnest(v_row.__cdc_unchanged) AS u WHERE u = ANY (v_all));
          v_rel := NULL;
          SELECT t.tableoid, t.ctid, t.__cdc_position, t.__cdc_column_positions INTO v_rel, v_tid, v_stored, v_columns
          FROM {{target}} AS t WHERE {{targetIsRow}};
          IF v_rel IS NULL THEN
            SELECT b.position INTO v_buried FROM cdc_management.tombstones AS b
            WHERE b.table_id = v_id AND b.key = {{rowTombKey}};
            IF v_delete THEN
              INSERT INTO cdc_management.tombstones AS b (table_id, key, position) VALUES (v_id, {{rowTombKey}}, v_pos)
              ON CONFLICT (table_id, key) DO UPDATE SET position = excluded.position, deleted_at = excluded.deleted_at
              WHERE b.position < excluded.position;
              CONTINUE;
            END IF;
{{^soft}}
            CONTINUE WHEN v_buried >= v_pos;
{{/soft}}
            v_columns := NULL;
            IF cardinality(v_unchanged) > 0 THEN
              -- What these columns held is not known yet: any older event may still tell, down to the last delete.
              SELECT jsonb_object_agg(u, {{^soft}}coalesce(encode(v_buried, 'hex'), ''){{/soft}}{{#soft}}''{{/soft}}) INTO v_columns
              FROM unnest(v_unchanged) AS u;
              v_row := jsonb_populate_record(v_row, (SELECT jsonb_object_agg(u, NULL) FROM unnest(v_unchanged) AS u));
            END IF;
{{#soft}}
            IF v_buried >= v_pos THEN
              -- The row is already deleted; its last values are kept all the same.
              v_columns := coalesce(v_columns, '{}') || jsonb_build_object('', v_hex);
              v_row.__cdc_operation := 'delete';
              v_pos := v_buried;
            END IF;
{{/soft}}
            INSERT INTO {{target}} (
              {{insertColumns}}
            ) VALUES (
              {{insertRow}}
            );
            v_inserted := v_inserted + 1;
            DELETE FROM cdc_management.tombstones AS b
            WHERE v_buried IS NOT NULL AND b.table_id = v_id AND b.key = {{rowTombKey}};
            CONTINUE;
          END IF;
          CONTINUE WHEN v_stored = v_pos;
          v_newest := coalesce(v_stored < v_pos, true);
          v_before := v_columns;
{{^soft}}
          IF v_newest AND v_delete THEN
            DELETE FROM {{target}} AS t WHERE t.tableoid = v_rel AND t.ctid = v_tid;
            INSERT INTO cdc_management.tombstones AS b (table_id, key, position) VALUES (v_id, {{rowTombKey}}, v_pos)
            ON CONFLICT (table_id, key) DO UPDATE SET position = excluded.position, deleted_at = excluded.deleted_at
            WHERE b.position < excluded.position;
            v_deleted := v_deleted + 1;
            CONTINUE;
          END IF;
{{/soft}}
          IF NOT v_newest THEN
            -- Only columns whose stored value is older than this event; '' stands for all that are not named.
            CONTINUE WHEN v_columns IS NULL{{#soft}} OR v_delete{{/soft}};
            v_take := ARRAY(
              SELECT a FROM unnest(v_all) AS a
              WHERE coalesce(v_columns ->> a, v_columns ->> '') COLLATE "C" < v_hex
                AND (v_delete OR a <> ALL (v_unchanged))
            );
            CONTINUE WHEN cardinality(v_take) = 0;
            v_columns := v_columns || (SELECT jsonb_object_agg(a, v_hex) FROM unnest(v_take) AS a);
            v_pos := v_stored;
{{^soft}}
            IF v_delete THEN
              -- The values are those of a row that was deleted in between; a required one stays until its event comes.
              v_row := NULL;
              v_take := ARRAY(SELECT a FROM unnest(v_take) AS a WHERE a <> ALL (v_required));
            END IF;
{{/soft}}
{{#soft}}
          ELSIF v_delete THEN
            v_take := '{}';
            v_columns := coalesce(v_columns, '{}')
              || jsonb_build_object('', coalesce(v_columns ->> '', encode(v_stored, 'hex'), ''));
{{/soft}}
          ELSE
            v_take := ARRAY(SELECT a FROM unnest(v_all) AS a WHERE a <> ALL (v_unchanged));
            v_columns := (
              SELECT jsonb_object_agg(u, coalesce(v_before ->> u, v_before ->> '', encode(v_stored, 'hex'), ''))
              FROM unnest(v_unchanged) AS u
            );
          END IF;
          UPDATE {{target}} AS t SET
            {{setRow}}
          WHERE t.tableoid = v_rel AND t.ctid = v_tid;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'a row of %.% was changed by somebody else during the merge', {{schemaText}}, {{tableText}}
              USING ERRCODE = 'serialization_failure';
          END IF;
          v_updated := v_updated + {{^soft}}1{{/soft}}{{#soft}}(NOT v_delete)::integer{{/soft}};
{{#soft}}
          v_deleted := v_deleted + v_delete::integer;
{{/soft}}
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
          DELETE FROM {{staging}} AS g WHERE g.ctid = v_ids[v_i] RETURNING g.* INTO STRICT v_row;
          PERFORM cdc_management.record_dead_letter(
            {{schemaText}}, {{tableText}}, v_row.__source, v_row.__cdc_position, v_row.__cdc_operation, to_jsonb(v_row),
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
