-- Whether two values of a key column are different values, not only different spellings of one.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.values_differ(p_one jsonb, p_other jsonb, p_column jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $function$
DECLARE
  v_kind CONSTANT text := p_column ->> 'kind';
  v_size CONSTANT integer := p_column ->> 'size';
  v_name CONSTANT text := p_column ->> 'name';
  v_differ boolean;
BEGIN
  EXECUTE format('SELECT $1::%s IS DISTINCT FROM $2::%1$s', p_column ->> 'type') INTO v_differ
  USING cdc_management.staged_text(p_one, v_kind, v_size, v_name, true),
    cdc_management.staged_text(p_other, v_kind, v_size, v_name, true);
  RETURN v_differ;
END $function$
