-- A target that somebody else owns must be there, before anything is made for it.
-- view: name, schemaText, tableText
-- Safe to repeat: changes nothing.
DO $require$
BEGIN
  IF to_regclass({{name}}) IS NULL THEN
    RAISE EXCEPTION 'table %.% does not exist, but the configuration says target_exists: true', {{schemaText}}, {{tableText}}
      USING ERRCODE = 'CDC08', HINT = 'Let its owner create it, or remove target_exists so that it is made here.';
  END IF;
END $require$
