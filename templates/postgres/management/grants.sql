-- What the application role needs to load and merge: it reads the tables, and writes through the functions only.
-- view: role
-- Safe to repeat.
GRANT USAGE ON SCHEMA cdc_management TO {{role}};
GRANT SELECT ON ALL TABLES IN SCHEMA cdc_management TO {{role}};
GRANT EXECUTE ON FUNCTION
  cdc_management.acquire_lease(text, text, interval),
  cdc_management.release_lease(text, bigint),
  cdc_management.admit_token(text, bigint),
  cdc_management.record_checkpoint(text, text, text, bytea, bigint, text, bigint),
  cdc_management.record_source(text, text, bigint, bytea, timestamptz, bytea, bigint, bigint, jsonb, jsonb, boolean),
  cdc_management.record_source_table(text, text, bigint, text, text, jsonb),
  cdc_management.forget_positions(text, text, bigint, text, text, jsonb),
  cdc_management.record_dead_letter(text, text, text, bytea, text, jsonb, text, text, boolean),
  cdc_management.resolve_dead_letter(bigint, text),
  cdc_management.retry_dead_letter(bigint),
  cdc_management.manual_merge(text, text),
  cdc_management.merge_next(integer[]),
  cdc_management.stage_events(text, text, text, text, text),
  cdc_management.staging_plan(text, text, text[]),
  cdc_management.staging_value(jsonb),
  cdc_management.kind_of_type(oid, integer),
  cdc_management.event_lines(jsonb, jsonb),
  cdc_management.event_position(jsonb, text, bigint),
  cdc_management.old_key_position(bytea),
  cdc_management.event_time(text),
  cdc_management.event_tenant(jsonb, jsonb),
  cdc_management.values_differ(jsonb, jsonb, jsonb),
  cdc_management.staged_text(jsonb, text, integer, text, boolean),
  cdc_management.cut_fraction(text, integer),
  cdc_management.bury_event(text, text, text, text, text, text),
  cdc_management.kafka_event(text),
  cdc_management.debezium_row(jsonb, text[], text[]),
  cdc_management.debezium_event(jsonb, jsonb)
TO {{role}};
GRANT INSERT, DELETE ON TABLE cdc_management.kafka_inbox TO {{role}};
GRANT EXECUTE ON PROCEDURE cdc_management.trigger_pending_merges(interval) TO {{role}}
