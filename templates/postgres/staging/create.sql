-- A staging table, the trigger that marks it for merge, and the application role's rights.
-- view: unlogged, staging, columns, role (section grant)
-- Safe to repeat: IF NOT EXISTS, OR REPLACE.
CREATE {{#unlogged}}UNLOGGED {{/unlogged}}TABLE IF NOT EXISTS {{staging}} (
  {{columns}}
);
CREATE OR REPLACE TRIGGER trg_mark_for_merge AFTER INSERT ON {{staging}}
FOR EACH STATEMENT EXECUTE FUNCTION cdc_management.mark_table_for_merge()
{{#grant}}
;
GRANT SELECT, INSERT ON TABLE {{staging}} TO {{role}}
{{/grant}}
