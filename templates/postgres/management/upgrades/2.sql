-- From version 1 to 2: the history says who and how, the schema says what made it.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
ALTER TABLE cdc_management.migration_history
  ADD COLUMN IF NOT EXISTS applied_by text,
  ADD COLUMN IF NOT EXISTS execution_ms bigint,
  ADD COLUMN IF NOT EXISTS outcome text NOT NULL DEFAULT 'applied',
  ADD COLUMN IF NOT EXISTS tool_version text;
ALTER TABLE cdc_management.component_version
  ADD COLUMN IF NOT EXISTS definition text,
  ADD COLUMN IF NOT EXISTS objects jsonb
