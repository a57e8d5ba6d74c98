-- Position of the delete of the old key that an update with a changed key implies: before everything that the same
-- command writes, when the command is known; else just before the update itself.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.old_key_position(p_update bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT substr(p_update, 1, 14)
    || CASE WHEN substr(p_update, 11, 4) = '\x00000000' THEN substr(p_update, 15, 10) ELSE decode(repeat('00', 10), 'hex') END
    || '\x03'::bytea
$function$
