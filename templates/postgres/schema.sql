-- A sink schema, and its use by the application role.
-- view: schema, role (section grant)
-- Safe to repeat: IF NOT EXISTS.
CREATE SCHEMA IF NOT EXISTS {{schema}}
{{#grant}}
;
GRANT USAGE ON SCHEMA {{schema}} TO {{role}}
{{/grant}}
