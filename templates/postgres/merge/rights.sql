-- Nobody may call the procedure but the application role.
-- view: procedure, role (section grant)
-- Safe to repeat.
REVOKE EXECUTE ON PROCEDURE {{procedure}}(jsonb, integer) FROM PUBLIC
{{#grant}}
;
GRANT EXECUTE ON PROCEDURE {{procedure}}(jsonb, integer) TO {{role}}
{{/grant}}
