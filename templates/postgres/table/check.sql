-- Refuses to go on when a stored row does not fit a change. The lock keeps it so until the change is made.
-- view: table, object, broken (a query that finds a row that does not fit), reason, hint
-- Safe to repeat: changes nothing.
DO $check$
BEGIN
  LOCK TABLE {{table}} IN ACCESS EXCLUSIVE MODE;
  IF EXISTS ({{broken}}) THEN
    RAISE EXCEPTION USING ERRCODE = 'CDC05', MESSAGE = {{reason}}, HINT = {{hint}};
  END IF;
EXCEPTION WHEN data_exception THEN
  RAISE EXCEPTION USING ERRCODE = 'CDC05', MESSAGE = {{reason}}, DETAIL = SQLERRM, HINT = {{hint}};
END $check$
