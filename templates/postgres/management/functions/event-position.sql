-- The 25 bytes that place an event in the source's history: its Position; else LSN, CommandId, SeqVal and operation;
-- without CommandId and SeqVal the Kafka offset stands for the seqval: it orders the changes of a key, which share a
-- partition, within one LSN. A Read comes before every change of its LSN.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.event_position(p_metadata jsonb, p_operation text, p_offset bigint) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $function$
DECLARE
  v_given CONSTANT text := regexp_replace(lower(p_metadata ->> 'Position'), '^0x', '');
  v_lsn CONSTANT text := replace(regexp_replace(lower(p_metadata ->> 'LSN'), '^0x', ''), ':', '');
  v_command CONSTANT text := p_metadata ->> 'CommandId';
  v_seqval text := replace(regexp_replace(lower(p_metadata ->> 'SeqVal'), '^0x', ''), ':', '');
BEGIN
  IF v_given IS NOT NULL THEN
    IF v_given !~ '^[0-9a-f]{50}$' THEN
      RAISE EXCEPTION 'metadata "Position" is not 50 hex digits' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN decode(v_given, 'hex');
  END IF;
  IF v_seqval IS NULL AND (v_command IS NOT NULL OR p_operation = 'Read') THEN
    v_seqval := repeat('0', 20);
  ELSIF v_seqval IS NULL AND p_offset IS NOT NULL THEN
    v_seqval := lpad(to_hex(p_offset), 20, '0');
  END IF;
  IF coalesce(v_lsn !~ '^[0-9a-f]{20}$', true) OR coalesce(v_seqval !~ '^[0-9a-f]{20}$', true) THEN
    RAISE EXCEPTION 'the event has no position: metadata "LSN" and "SeqVal" are 20 hex digits each'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF coalesce(v_command !~ '^[0-9]{1,10}$' OR v_command::bigint > 4294967295, false) THEN
    RAISE EXCEPTION 'metadata "CommandId" is not a whole number from 0 to 4294967295' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN decode(
    v_lsn || lpad(to_hex(coalesce(v_command::bigint, 0)), 8, '0') || v_seqval
      || CASE p_operation WHEN 'Read' THEN '00' WHEN 'Delete' THEN '01' WHEN 'Insert' THEN '02' ELSE '04' END,
    'hex'
  );
END $function$
