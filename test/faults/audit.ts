import { KEY_TEXT, TABLES, TENANTS, type TableName, type Tenant } from "./tables";

const ZERO = "decode(repeat('00', 25), 'hex')";

/** What the runs add to the sink: who notes every write of a row, who refuses rows, and who fails on command. */
export function auditStatements(): string[] {
  return [
    "CREATE SCHEMA faults",
    // Logged: a crash of the server must not empty it.
    "CREATE TABLE faults.seen (place text NOT NULL, key text NOT NULL, position bytea NOT NULL, PRIMARY KEY (place, key))",
    "CREATE TABLE faults.found (kind text NOT NULL, place text NOT NULL, key text NOT NULL, position bytea, before bytea)",
    "CREATE TABLE faults.strikes (state text NOT NULL, until bigint NOT NULL)",
    "CREATE SEQUENCE faults.passes",
    STRIKE,
    ...TENANTS.flatMap((tenant) => TABLES.flatMap((table) => [note(tenant, table), ...triggers(tenant, table)])),
    ...TENANTS.flatMap((tenant) => [
      `ALTER TABLE ${tenant}.items ADD CONSTRAINT no_such_amount CHECK (amount <> 666.666)`,
      `CREATE UNIQUE INDEX ON ${tenant}.pairs (tag) WHERE tag LIKE 'once%'`,
    ]),
  ];
}

/**
 * Per key, positions must grow with every write. A row may be written again at its position only to get columns that it
 * didn't have; a position of zeros is a row whose history was rewritten.
 */
function note(tenant: Tenant, table: TableName): string {
  const place = `'${tenant}.${table}'`;
  return `CREATE FUNCTION faults.note_${tenant}_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_key CONSTANT text := ${KEY_TEXT[table]("NEW")};
  v_before bytea;
BEGIN
  IF NEW.__cdc_position = ${ZERO} THEN
    DELETE FROM faults.seen WHERE place = ${place} AND key = v_key;
    RETURN NULL;
  END IF;
  SELECT position INTO v_before FROM faults.seen WHERE place = ${place} AND key = v_key;
  IF v_before >= NEW.__cdc_position
    AND NOT (TG_OP = 'UPDATE' AND v_before = NEW.__cdc_position AND OLD.__cdc_column_positions IS NOT NULL) THEN
    INSERT INTO faults.found
    VALUES (CASE WHEN v_before = NEW.__cdc_position THEN 'duplicated' ELSE 'misordered' END, ${place}, v_key, NEW.__cdc_position, v_before);
  END IF;
  INSERT INTO faults.seen VALUES (${place}, v_key, NEW.__cdc_position)
  ON CONFLICT (place, key) DO UPDATE SET position = excluded.position;
  RETURN NULL;
END $$`;
}

function triggers(tenant: Tenant, table: TableName): string[] {
  const place = `${tenant}.${table}`;
  return [
    `CREATE TRIGGER note AFTER INSERT OR UPDATE ON ${place} FOR EACH ROW EXECUTE FUNCTION faults.note_${tenant}_${table}()`,
    `CREATE TRIGGER strike BEFORE INSERT OR UPDATE OR DELETE ON ${place} FOR EACH STATEMENT EXECUTE FUNCTION faults.strike()`,
  ];
}

// A sequence isn't rolled back: so it counts attempts.
const STRIKE = `CREATE FUNCTION faults.strike() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_state text;
BEGIN
  SELECT state INTO v_state FROM faults.strikes WHERE until > nextval('faults.passes');
  IF v_state IS NOT NULL THEN
    RAISE EXCEPTION 'struck on purpose' USING ERRCODE = v_state;
  END IF;
  RETURN NULL;
END $$`;
