-- Drops a sink schema that holds nothing any more.
-- view: schema, name, keepWhenUsed
-- Safe to repeat: nothing when the schema is gone.
DO $drop$
DECLARE
  v_schema oid := (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = {{name}});
  v_left text;
BEGIN
  SELECT string_agg(x.name, ', ') INTO v_left FROM (
    SELECT c.relname::text AS name FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = v_schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT p.proname || '()' FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = v_schema
    ORDER BY 1 LIMIT 10
  ) AS x;
  IF v_left IS NOT NULL THEN
{{#keepWhenUsed}}
    RETURN;
{{/keepWhenUsed}}
    RAISE EXCEPTION 'schema % still holds %', {{name}}, v_left
      USING ERRCODE = 'CDC04', HINT = 'Drop or move these objects yourself, or keep the schema.';
  END IF;
  DROP SCHEMA IF EXISTS {{schema}};
END $drop$
