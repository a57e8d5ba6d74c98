-- A column under its new name, also in the rows that remember positions of single columns.
-- view: table, name, from, to, fromText, toText, value (not a key column)
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
{{#value}}
  IF '__cdc_column_positions' = ANY (v_names) THEN
    -- Merges wait while rows are looked through, so that no position comes in under the old name; readers go on.
    LOCK TABLE {{table}} IN SHARE ROW EXCLUSIVE MODE;
    UPDATE {{table}} AS t
    SET __cdc_column_positions = (t.__cdc_column_positions - {{fromText}})
      || jsonb_build_object({{toText}}, t.__cdc_column_positions -> {{fromText}})
    WHERE t.__cdc_column_positions ? {{fromText}};
  END IF;
{{/value}}
  ALTER TABLE {{table}} RENAME COLUMN {{from}} TO {{to}};
END $rename$
