-- Deleted keys and the position of their delete: an older event brings nothing back.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS cdc_management.tombstones (
  table_id integer NOT NULL,
  key text COLLATE "C" NOT NULL,
  position bytea NOT NULL,
  deleted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (table_id, key)
);
CREATE INDEX IF NOT EXISTS tombstones_deleted_at ON cdc_management.tombstones (deleted_at)
