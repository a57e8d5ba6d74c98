-- Tells the management schema of the table and its shape, and marks it when it has rows that were staged before.
-- view: schemaText, tableText, stagingText, procedureText, staging, shape
-- Safe to repeat: the row is kept, and so is its id.
INSERT INTO cdc_management.merge_control AS c (schema_name, table_name, staging_name, procedure_name, shape)
VALUES ({{schemaText}}, {{tableText}}, {{stagingText}}, {{procedureText}}, {{shape}})
ON CONFLICT (schema_name, table_name) DO UPDATE
SET staging_name = excluded.staging_name, procedure_name = excluded.procedure_name, shape = excluded.shape,
  registered_at = now(), unregistered_at = NULL, error_count = 0, retry_at = NULL;
INSERT INTO cdc_management.merge_pending (table_id)
SELECT c.table_id FROM cdc_management.merge_control AS c WHERE c.schema_name = {{schemaText}} AND c.table_name = {{tableText}}
  AND EXISTS (SELECT FROM {{staging}})
