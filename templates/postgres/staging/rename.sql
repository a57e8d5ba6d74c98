-- A staging column under its new name, also where staged rows and open dead letters name it.
-- view: staging, name, from, to, fromText, toText, schemaText, tableText
-- Safe to repeat: only while the old name is there and the new one is not.
DO $rename$
DECLARE
  v_names CONSTANT text[] := ARRAY(
    SELECT a.attname FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = {{name}}::regclass AND a.attnum > 0 AND NOT a.attisdropped
  );
BEGIN
  IF NOT {{fromText}} = ANY (v_names) OR {{toText}} = ANY (v_names) THEN
    RETURN;
  END IF;
  LOCK TABLE {{staging}} IN ACCESS EXCLUSIVE MODE;
  IF '__cdc_unchanged' = ANY (v_names) THEN
    UPDATE {{staging}} AS g SET __cdc_unchanged = array_replace(g.__cdc_unchanged, {{fromText}}, {{toText}})
    WHERE {{fromText}} = ANY (g.__cdc_unchanged);
  END IF;
  ALTER TABLE {{staging}} RENAME COLUMN {{from}} TO {{to}};
  IF to_regclass('cdc_management.dead_letters') IS NOT NULL THEN
    UPDATE cdc_management.dead_letters AS d
    SET payload = (d.payload - {{fromText}}) || jsonb_build_object(
      {{toText}}, d.payload -> {{fromText}},
      '__cdc_unchanged', CASE jsonb_typeof(d.payload -> '__cdc_unchanged')
        WHEN 'array' THEN (
          SELECT jsonb_agg(CASE u WHEN {{fromText}} THEN {{toText}} ELSE u END)
          FROM jsonb_array_elements_text(d.payload -> '__cdc_unchanged') AS u
        )
        ELSE d.payload -> '__cdc_unchanged'
      END
    )
    WHERE d.schema_name = {{schemaText}} AND d.table_name = {{tableText}} AND d.staged AND d.resolved_at IS NULL
      AND d.payload ? {{fromText}};
  END IF;
END $rename$
