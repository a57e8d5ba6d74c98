-- Where Kafka Connect's JDBC sink puts records as they are; a trigger stages them and empties it in the same statement.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE UNLOGGED TABLE IF NOT EXISTS cdc_management.kafka_inbox (
  topic text,
  tenant text,
  "partition" integer,
  "offset" bigint,
  "timestamp" timestamptz,
  event text
)
