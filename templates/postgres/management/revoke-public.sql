-- Nobody may run these functions but whom we grant them to.
-- view: none
-- Safe to repeat.
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA cdc_management FROM PUBLIC
