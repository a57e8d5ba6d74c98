-- Who may write a pipeline's checkpoints, by fencing token.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS cdc_management.leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  token bigint NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50)
