import { openCopy } from "../../databases/postgres/copy";
import { errorCode } from "../../databases/postgres/errors";
import { CdcError } from "../../lib/errors";
import type { PgClient } from "../sinks/session";
import {
  ANALYZE_KEYS,
  copyForCompare,
  countSinkRows,
  EMPTY_KEYS,
  listDifferences,
  listDifferencesAmong,
  listExtraKeys,
  makeCompareTables,
  type Compared,
} from "../../sql/verify-statements";
import type { TableShape } from "../../model/table-shape";

/** A row that differs, as a look at it found. */
export interface FoundRow {
  /** Key of the sink as text. */
  readonly key: readonly string[];
  readonly kind: "missing" | "extra" | "different";
  readonly columns: readonly string[];
  /** Another text when either side has changed. */
  readonly seen: string;
}

/** What one look found. */
export interface Found {
  /** The first of them. */
  readonly rows: readonly FoundRow[];
  readonly missing: number;
  readonly different: number;
}

/** Writes lines of COPY text. */
export type WriteLines = (text: string) => Promise<void>;

type RawRow = Readonly<Record<string, string>> & {
  readonly kind: FoundRow["kind"];
  readonly columns: readonly string[];
  readonly missing: number;
  readonly different: number;
  readonly extra: number;
};

/** @throws CdcError `CDC_PG_PERMISSION` when the role may not make temporary tables. */
export async function prepareCompare(client: PgClient, shape: TableShape): Promise<void> {
  try {
    await client.query(makeCompareTables(shape));
  } catch (error) {
    if (errorCode(error) !== "42501") throw error;
    throw new CdcError(
      "CDC_PG_PERMISSION",
      `table ${shape.schema}.${shape.table}: the role may not make temporary tables`,
      {
        hint: "Run: GRANT TEMPORARY ON DATABASE <database> TO <role>; or compare with another role.",
        cause: error,
      },
    );
  }
}

/** Copies rows of the source into the connection's own table and answers what differs, at most `limit` rows by name. */
export function compareRows(
  client: PgClient,
  compared: Compared,
  columns: readonly string[],
  limit: number,
  write: (write: WriteLines) => Promise<void>,
): Promise<Found> {
  return readOnly(client, async () => {
    await copyLines(client, copyForCompare("rows", columns), write);
    const { rows } = await client.query<RawRow>(listDifferences(compared), [limit]);
    const { missing = 0, different = 0 } = rows[0] ?? {};
    return { rows: rows.map((row) => foundRow(compared, row)), missing, different };
  });
}

/** The same for certain keys, also where the source has no row. */
export function compareAmong(
  client: PgClient,
  compared: Compared,
  columns: readonly string[],
  keys: readonly (readonly string[])[],
  write: (write: WriteLines) => Promise<void>,
): Promise<readonly FoundRow[]> {
  return readOnly(client, async () => {
    await copyLines(client, copyForCompare("rows", columns), write);
    const arrays = compared.shape.key.map((_name, index) => keys.map((key) => key[index]));
    const { rows } = await client.query<RawRow>(listDifferencesAmong(compared), arrays);
    return rows.map((row) => foundRow(compared, row));
  });
}

/** Copies all keys of the source, and answers which of the sink are not among them. */
export async function findExtra(
  client: PgClient,
  compared: Compared,
  columns: readonly string[],
  limit: number,
  write: (write: WriteLines) => Promise<void>,
): Promise<{ readonly rows: readonly FoundRow[]; readonly extra: number }> {
  await client.query(EMPTY_KEYS);
  await copyLines(client, copyForCompare("keys", columns), write);
  await client.query(ANALYZE_KEYS);
  const { rows } = await client.query<RawRow>(listExtraKeys(compared), [limit]);
  const found = rows.map((row) => ({ ...foundRow(compared, row), kind: "extra" as const, columns: [], seen: "" }));
  return { rows: found, extra: rows[0]?.extra ?? 0 };
}

/** How many rows of the source the sink has. */
export async function sinkRowCount(client: PgClient, compared: Compared): Promise<number> {
  const { rows } = await client.query<{ rows: string }>(countSinkRows(compared));
  return Number(rows[0]?.rows ?? 0);
}

// The planner knows nothing of the connection's own rows: they are few beside the table, whose key finds them.
const BEGIN =
  "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; SET LOCAL jit = off";

async function readOnly<T>(client: PgClient, work: () => Promise<T>): Promise<T> {
  await client.query(BEGIN);
  try {
    const value = await work();
    await client.query("COMMIT");
    return value;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function copyLines(
  client: PgClient,
  statement: string,
  write: (write: WriteLines) => Promise<void>,
): Promise<void> {
  const copy = openCopy(client, statement);
  try {
    await write((text) => copy.write(text));
  } catch (error) {
    await copy.abort("the source could not be read");
    throw error;
  }
  await copy.finish();
}

function foundRow({ shape }: Compared, row: RawRow): FoundRow {
  const { kind, columns, seen = "" } = row;
  return { key: shape.key.map((_name, index) => row[`k${String(index)}`] ?? ""), kind, columns, seen };
}
