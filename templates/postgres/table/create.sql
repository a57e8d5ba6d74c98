-- A final table with its key, and the index by which others follow its changes.
-- view: table, columns, keyName, key, indexName, role (section grant)
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS {{table}} (
  {{columns}},
  CONSTRAINT {{keyName}} PRIMARY KEY ({{key}})
);
CREATE INDEX IF NOT EXISTS {{indexName}} ON {{table}} ("__sync_timestamp")
{{#grant}}
;
GRANT SELECT ON TABLE {{table}} TO {{role}}
{{/grant}}
