-- Sources of each pipeline: place, who reads them, and why one doesn't go on.
-- view: none
-- Safe to repeat: made anew, since OR REPLACE cannot change columns.
DROP VIEW IF EXISTS cdc_management.v_sources;
CREATE VIEW cdc_management.v_sources AS
SELECT s.pipeline, s.source, encode(s.position, 'hex') AS position, s.commit_time, encode(s.seen_lsn, 'hex') AS seen_lsn,
  s.seen_at, s.transactions, s.events, CASE WHEN l.expires_at > clock_timestamp() THEN l.holder END AS holder,
  s.problem ->> 'code' AS problem_code, s.problem ->> 'message' AS problem, s.problem ->> 'hint' AS hint, s.updated_at
FROM cdc_management.sources AS s
LEFT JOIN cdc_management.leases AS l ON l.name = 'pipeline:' || s.pipeline || ':' || s.source
ORDER BY s.pipeline, s.source
