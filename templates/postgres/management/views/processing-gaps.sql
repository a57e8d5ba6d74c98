-- Kafka offsets that were never merged, per schema, table, topic and partition. A later merge that brings them closes
-- the gap. A topic that feeds several tables shows gaps in each: use one topic per table.
-- view: none
-- Safe to repeat: made anew, since OR REPLACE cannot change columns.
DROP VIEW IF EXISTS cdc_management.v_cdc_processing_gaps;
CREATE VIEW cdc_management.v_cdc_processing_gaps AS
SELECT g.schema_name, g.table_name, g.customer_id, g.kafka_topic, g.kafka_partition,
  g.merged_up_to + 1 AS gap_first_offset, g.first_offset - 1 AS gap_last_offset,
  g.first_offset - g.merged_up_to - 1 AS missing_offsets, g.merged_at AS found_at
FROM (
  SELECT l.schema_name, l.table_name, l.customer_id, l.kafka_topic, l.kafka_partition, l.first_offset, l.merged_at,
    max(l.last_offset) OVER (
      PARTITION BY l.schema_name, l.table_name, l.kafka_topic, l.kafka_partition
      ORDER BY l.first_offset, l.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS merged_up_to
  FROM cdc_management.cdc_processing_log AS l
  WHERE l.first_offset IS NOT NULL
) AS g
WHERE g.first_offset > g.merged_up_to + 1
