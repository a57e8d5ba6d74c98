-- A time's text with at most p_digits digits of the second.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.cut_fraction(p_text text, p_digits integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_digits = 0 THEN pg_catalog.regexp_replace(p_text, '\.[0-9]+', '')
  ELSE pg_catalog.regexp_replace(p_text, '(\.[0-9]{' OPERATOR(pg_catalog.||) p_digits::pg_catalog.text OPERATOR(pg_catalog.||) '})[0-9]+', '\1')
END
