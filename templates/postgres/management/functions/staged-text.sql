-- A value of an event as text that PostgreSQL's own input takes unchanged, by kind of type; NULL for null and absent.
-- Digits of the second beyond p_size are cut off, never rounded. p_required: null is refused. What the type cannot hold
-- is an error, as in the native path (docs/envelopes.md); the cast behind it judges ranges.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.staged_text(
  p_value jsonb, p_kind text, p_size integer, p_column text, p_required boolean
) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $function$
DECLARE
  v_type CONSTANT text := jsonb_typeof(p_value);
  v_text text := p_value #>> '{}';
  v_why text;
BEGIN
  IF v_text IS NULL THEN
    IF p_required THEN
      v_why := format('is %s, which it cannot be', CASE WHEN v_type IS NULL THEN 'absent' ELSE 'NULL' END);
      RAISE EXCEPTION 'column "%": %', p_column, v_why USING ERRCODE = 'null_value_not_allowed';
    END IF;
    RETURN NULL;
  END IF;
  IF v_type IN ('object', 'array') AND p_kind <> 'json' THEN
    v_why := format('is an %s, a text is expected', v_type);
  ELSIF v_type = 'number' AND (
    p_kind = 'integer' AND abs(v_text::numeric) > 9007199254740991
    OR p_kind = 'numeric' AND char_length(ltrim(translate(v_text, '-.', ''), '0')) > 15
  ) THEN
    v_why := 'is a JSON number, which may have lost digits: send it as text';
  ELSE
    CASE p_kind
      WHEN 'text' THEN
        IF char_length(v_text) > p_size THEN
          v_why := format('has %s characters, more than %s', char_length(v_text), p_size);
        END IF;
      WHEN 'integer' THEN
        IF v_text !~ '^[+-]?[0-9]+$' THEN
          v_why := 'is not a whole number';
        END IF;
      WHEN 'numeric' THEN
        IF v_text !~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?$' THEN
          v_why := 'is not a decimal number';
        END IF;
      WHEN 'boolean' THEN
        IF v_text !~* '^(1|true|t|0|false|f)$' THEN
          v_why := 'is not a boolean: 0, 1, true or false is expected';
        END IF;
      WHEN 'timestamp' THEN
        IF v_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?)?Z?$' THEN
          v_why := 'is not a date and time without a time zone (YYYY-MM-DD hh:mm:ss.fffffff)';
        END IF;
        v_text := cdc_management.cut_fraction(v_text, p_size);
      WHEN 'timestamptz' THEN
        IF v_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?)?( ?(Z|[+-](0[0-9]|1[0-3]):?[0-5][0-9]|[+-]14:?00))?$' THEN
          v_why := 'is not a date and time with an offset (YYYY-MM-DD hh:mm:ss.fffffff +hh:mm)';
        END IF;
        v_text := cdc_management.cut_fraction(v_text, p_size);
        IF v_text !~ '(Z|[+-][0-9]{2}:?[0-9]{2})$' OR v_text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
          v_text := v_text || '+00:00';
        END IF;
      WHEN 'date' THEN
        IF v_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00(:00(\.0*)?)?)?$' THEN
          v_why := 'is not a date (YYYY-MM-DD)';
        END IF;
        v_text := left(v_text, 10);
      WHEN 'time' THEN
        IF v_text !~ '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?$' THEN
          v_why := 'is not a time (hh:mm:ss.fffffff)';
        END IF;
        v_text := cdc_management.cut_fraction(v_text, p_size);
      WHEN 'bytea' THEN
        IF v_type = 'number' THEN
          v_why := 'is a JSON number: send hex as text';
        ELSIF v_text ~ '^base64:([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' THEN
          v_text := '\x' || encode(decode(substr(v_text, 8), 'base64'), 'hex');
        ELSIF v_text ~ '^(0[xX])?([0-9a-fA-F]{2})*$' THEN
          v_text := '\x' || regexp_replace(v_text, '^0[xX]', '');
        ELSE
          v_why := 'is not hex, nor base64 behind "base64:"';
        END IF;
      WHEN 'uuid' THEN
        IF v_text !~* '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\})$' THEN
          v_why := 'is not a uniqueidentifier (8-4-4-4-12 hex digits)';
        END IF;
      WHEN 'float' THEN
        IF v_text !~* '^([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,6})?|nan|[+-]?inf(inity)?)$' THEN
          v_why := 'is not a number';
        END IF;
      ELSE
        NULL;
    END CASE;
  END IF;
  IF v_why IS NOT NULL THEN
    RAISE EXCEPTION 'column "%": ''%'' %', p_column, left(v_text, 60), v_why USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN v_text;
END $function$
