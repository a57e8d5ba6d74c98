-- Brings an existing staging table to the columns wanted, in place: staged rows stay. Columns that are not wanted go.
-- view: staging, name, columns (name, type, type as the server spells it, default, USING expression), unlogged, persistence, hint
-- Safe to repeat: changes only what differs.
DO $follow$
DECLARE
  v_column record;
  v_filled boolean;
  v_zone CONSTANT text := current_setting('TimeZone');
BEGIN
  -- Wall-clock times count as UTC, as they do in the table itself.
  PERFORM set_config('TimeZone', 'UTC', true);
  LOCK TABLE {{staging}} IN ACCESS EXCLUSIVE MODE;
  v_filled := EXISTS (SELECT FROM {{staging}});
  FOR v_column IN
    SELECT coalesce(w.name, a.attname) AS name, w.type, w.spelled, a.attname IS NULL AS missing,
      coalesce(' DEFAULT ' || w.standard, '') AS filled,
      coalesce(' USING ' || w.converted, '') AS converted, w.name IS NULL AS extra,
      a.attnotnull AS required, format_type(a.atttypid, a.atttypmod) AS present
    FROM (VALUES
      {{columns}}
    ) AS w (name, type, spelled, standard, converted)
    FULL JOIN (
      SELECT b.* FROM pg_catalog.pg_attribute AS b
      WHERE b.attrelid = {{name}}::regclass AND b.attnum > 0 AND NOT b.attisdropped
    ) AS a ON a.attname = w.name
    WHERE w.name IS NULL OR a.attname IS NULL OR a.attnotnull OR w.spelled <> format_type(a.atttypid, a.atttypmod)
  LOOP
    IF v_column.extra THEN
      EXECUTE format('ALTER TABLE %s DROP COLUMN %I', {{name}}, v_column.name);
    ELSIF v_column.missing THEN
      -- Rows that are staged already get the default, as the table's rows did.
      EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s%s', {{name}}, v_column.name, v_column.type, v_column.filled);
    ELSIF v_column.required THEN
      EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', {{name}}, v_column.name);
    END IF;
    CONTINUE WHEN v_column.extra OR v_column.missing OR v_column.present = v_column.spelled;
    IF NOT v_filled THEN
      EXECUTE format('ALTER TABLE %s DROP COLUMN %I', {{name}}, v_column.name);
      EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s', {{name}}, v_column.name, v_column.type);
      CONTINUE;
    END IF;
    BEGIN
      EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', {{name}}, v_column.name);
      EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE %s%s', {{name}}, v_column.name, v_column.type, v_column.converted);
    EXCEPTION
      WHEN datatype_mismatch THEN
        -- No cast that PostgreSQL makes by itself: read the value's text.
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE %s USING %I::text::%3$s', {{name}}, v_column.name, v_column.type, v_column.name);
      WHEN data_exception THEN
        RAISE EXCEPTION USING ERRCODE = 'CDC05', DETAIL = SQLERRM, HINT = {{hint}},
          MESSAGE = format('rows staged in %s do not fit column %s as %s', {{name}}, v_column.name, v_column.type);
    END;
  END LOOP;
  FOR v_column IN
    SELECT w.name, w.standard FROM (VALUES
      {{columns}}
    ) AS w (name, type, spelled, standard, converted)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = {{name}}::regclass AND a.attname = w.name
    WHERE w.standard IS NOT NULL OR a.atthasdef
  LOOP
    IF v_column.standard IS NULL THEN
      EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', {{name}}, v_column.name);
    ELSE
      EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', {{name}}, v_column.name, v_column.standard);
    END IF;
  END LOOP;
  IF (SELECT c.relpersistence FROM pg_catalog.pg_class AS c WHERE c.oid = {{name}}::regclass) <> {{persistence}} THEN
    ALTER TABLE {{staging}} SET {{#unlogged}}UNLOGGED{{/unlogged}}{{^unlogged}}LOGGED{{/unlogged}};
  END IF;
  ALTER TABLE {{staging}} ENABLE TRIGGER USER;
  PERFORM set_config('TimeZone', v_zone, true);
END $follow$
