-- Drops a staging table with what is staged.
-- view: staging
-- Safe to repeat: IF EXISTS.
DROP TABLE IF EXISTS {{staging}}
