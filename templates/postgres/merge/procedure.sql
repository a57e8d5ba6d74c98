-- The merge of one table: takes staged rows and applies each where its position says it belongs. One transaction,
-- never commits. Most rows go through one set-based statement (fast.sql); patches, rows that came late and rows that
-- the server refuses go one by one (slow.sql). What is read from staging is exactly what is deleted from it.
-- view: merge-view.ts
-- Safe to repeat: OR REPLACE. Merging again changes nothing: a position at or below the stored one never wins.
CREATE OR REPLACE PROCEDURE {{procedure}}(INOUT result jsonb DEFAULT NULL, batch_size integer DEFAULT {{batchSize}})
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET work_mem = '64MB'
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS {{body}}
