-- Drops functions, procedures and views, and keeps the tables with their history.
-- view: none
-- Safe to repeat: only what is there. The inbox holds nothing between two statements, so it goes as well.
DROP TABLE IF EXISTS cdc_management.kafka_inbox;
DO $drop$
DECLARE
  v_object record;
BEGIN
  FOR v_object IN
    SELECT format('VIEW cdc_management.%I', c.relname) AS name FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = to_regnamespace('cdc_management') AND c.relkind = 'v'
    UNION ALL
    SELECT format('ROUTINE %s', p.oid::regprocedure) FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace = to_regnamespace('cdc_management')
  LOOP
    EXECUTE 'DROP ' || v_object.name;
  END LOOP;
END $drop$
