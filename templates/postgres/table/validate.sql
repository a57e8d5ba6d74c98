-- A target that somebody else owns must have what the merge writes: columns, types that hold every value, and the key.
-- view: name, schemaText, tableText, columns (name, type, condition on base, m and n), keyColumns
-- Safe to repeat: changes nothing. All that is wrong is told at once.
DO $validate$
DECLARE
  v_faults text;
BEGIN
  WITH found AS (
    SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS spelled, format_type(a.atttypid, NULL) AS base,
      substring(format_type(a.atttypid, a.atttypmod) FROM '\((\d+)')::integer AS m,
      coalesce(substring(format_type(a.atttypid, a.atttypmod) FROM ',(-?\d+)\)')::integer, 0) AS n
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = {{name}}::regclass AND a.attnum > 0 AND NOT a.attisdropped
  ), faults AS (
    SELECT CASE
      WHEN f.name IS NULL THEN format('there is no column %s %s', w.name, w.type)
      ELSE format('column %s is %s, which does not hold every value of %s', w.name, f.spelled, w.type)
    END AS fault
    FROM (VALUES
      {{columns}}
    ) AS w (name, type) LEFT JOIN found AS f ON f.name = w.name
    WHERE f.name IS NULL OR NOT coalesce(CASE w.name
{{#conditions}}
      WHEN {{column}} THEN {{condition}}
{{/conditions}}
    END, false)
    UNION ALL
    SELECT 'the primary key is not (' || array_to_string({{keyColumns}}, ', ') || ')'
    WHERE NOT EXISTS (
      SELECT FROM pg_catalog.pg_index AS i
      WHERE i.indrelid = {{name}}::regclass AND i.indisprimary AND i.indnkeyatts = cardinality({{keyColumns}})
        AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_attribute AS a
          WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::smallint[]) AND a.attname <> ALL ({{keyColumns}})
        )
    )
  )
  SELECT string_agg(x.fault, '; ' ORDER BY x.fault COLLATE "C") INTO v_faults FROM faults AS x;
  IF v_faults IS NOT NULL THEN
    RAISE EXCEPTION 'table %.% does not fit: %', {{schemaText}}, {{tableText}}, v_faults
      USING ERRCODE = 'CDC08', HINT = 'Its owner has to change it, or the configuration has to name other columns and types.';
  END IF;
END $validate$
