-- Milliseconds since 1970 of an ISO 8601 text; without a zone it is UTC.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.event_time(p_text text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $function$
DECLARE
  v_text CONSTANT text := btrim(p_text);
  v_time CONSTANT text := substring(v_text FROM '^.{10}[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?)');
  v_zone CONSTANT text := substring(v_text FROM '(Z|[+-][0-9]{2}:?[0-9]{2})$');
BEGIN
  IF v_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?(Z| ?[+-][0-9]{2}:?[0-9]{2})?$' THEN
    RAISE EXCEPTION 'metadata "CommitTime" is ''%'': ISO 8601 is expected', left(v_text, 60)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN floor(extract(epoch FROM (
    left(v_text, 10) || coalesce(' ' || v_time || coalesce(v_zone, 'Z'), ' 00:00Z')
  )::timestamptz) * 1000);
END $function$
