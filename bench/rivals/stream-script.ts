import { Connection, Request, TYPES } from "tedious";
import type { Client } from "pg";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { COLUMNS } from "../stream-tables";

const TRANSACTIONS = 1_000;
const BATCH_ROWS = 5_000;
const DELETED = 1;
const BEFORE = 3;
const FIELDS = ["__$operation", ...COLUMNS.map(({ name }) => name)];
const NEXT = `SELECT MAX(n.start_lsn) AS upto FROM (
  SELECT TOP (${String(TRANSACTIONS)}) start_lsn FROM cdc.lsn_time_mapping WHERE start_lsn > @after ORDER BY start_lsn) AS n`;

/** Operation and the columns in their order, as the driver gives them. */
type Row = readonly unknown[];

/** Plain tables with the rows of the bench's, for {@link runScript}. */
export async function copyForScript(client: Client, tables: readonly string[]): Promise<void> {
  const names = COLUMNS.map(({ name }) => name).join(", ");
  await client.query("CREATE SCHEMA script; CREATE TABLE script.position (lsn bytea)");
  for (const table of tables) {
    await client.query(`CREATE TABLE script."${table}" AS SELECT ${names} FROM bench."${table}"`);
    await client.query(`ALTER TABLE script."${table}" ADD PRIMARY KEY (c0)`);
  }
}

/**
 * What a good script does: reads the change tables window by window with `tedious`, keeps the last change of each key,
 * and writes it by a batched INSERT ... ON CONFLICT with the position. It takes the driver's values, which lose digits,
 * and knows no gaps, no drift, no bad rows and no second process.
 */
export async function runScript(source: MsSqlConfig, client: Client, tables: readonly string[]): Promise<void> {
  const connection = await connect(source);
  let after: Buffer = Buffer.alloc(10);
  for (let upTo = await nextOf(connection, after); upTo !== null; upTo = await nextOf(connection, after)) {
    await client.query("BEGIN");
    for (const table of tables) await copyTable(connection, client, table, { after, upTo });
    await client.query("WITH gone AS (DELETE FROM script.position) INSERT INTO script.position VALUES ($1)", [upTo]);
    await client.query("COMMIT");
    after = upTo;
  }
  connection.close();
}

function connect({ host, port, user, password = "", database }: MsSqlConfig): Promise<Connection> {
  const connection = new Connection({
    server: host,
    authentication: { type: "default", options: { userName: user, password } },
    options: { port, database, encrypt: true, trustServerCertificate: true, requestTimeout: 0 },
  });
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error) reject(error);
      else resolve(connection);
    });
  });
}

function ask(connection: Connection, text: string, lsns: Readonly<Record<string, Buffer>>): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = [];
    const request = new Request(text, (error) => {
      if (error) reject(error);
      else resolve(rows);
    });
    for (const [name, lsn] of Object.entries(lsns)) request.addParameter(name, TYPES.VarBinary, lsn);
    request.on("row", (columns: readonly { readonly value: unknown }[]) =>
      rows.push(columns.map(({ value }) => value)),
    );
    connection.execSql(request);
  });
}

async function nextOf(connection: Connection, after: Buffer): Promise<Buffer | null> {
  const [row] = await ask(connection, NEXT, { after });
  return (row?.[0] ?? null) as Buffer | null;
}

async function copyTable(
  connection: Connection,
  client: Client,
  table: string,
  window: { readonly after: Buffer; readonly upTo: Buffer },
): Promise<void> {
  const changes = await ask(
    connection,
    `SELECT ${FIELDS.join(", ")} FROM cdc.dbo_${table}_CT
     WHERE __$start_lsn > @after AND __$start_lsn <= @upTo AND __$operation <> ${String(BEFORE)}
     ORDER BY __$start_lsn, __$command_id, __$seqval, __$operation`,
    window,
  );
  const last = [...new Map(changes.map((row) => [row[1], row])).values()];
  const gone = last.filter(([operation]) => operation === DELETED).map(([, key]) => key);
  const kept = last.filter(([operation]) => operation !== DELETED);
  if (gone.length > 0) await client.query(`DELETE FROM script."${table}" WHERE c0 = ANY ($1::integer[])`, [gone]);
  for (let at = 0; at < kept.length; at += BATCH_ROWS) await upsert(client, table, kept.slice(at, at + BATCH_ROWS));
}

async function upsert(client: Client, table: string, rows: readonly Row[]): Promise<void> {
  const names = COLUMNS.map(({ name }) => name).join(", ");
  const arrays = COLUMNS.map(({ type }, index) => `$${String(index + 1)}::${type}[]`).join(", ");
  const set = COLUMNS.slice(1).map(({ name }) => `${name} = excluded.${name}`);
  const values = COLUMNS.map((_column, index) => rows.map((row) => row[index + 1]));
  await client.query(
    `INSERT INTO script."${table}" (${names}) SELECT * FROM unnest(${arrays}) ON CONFLICT (c0) DO UPDATE SET ${set.join(", ")}`,
    values,
  );
}
