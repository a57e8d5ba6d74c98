-- The schema that holds everything the merges share.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE SCHEMA IF NOT EXISTS cdc_management
