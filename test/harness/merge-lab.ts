import type { SinkTable } from "../../model/sink";
import { callMerge } from "../../sql/load-statements";
import { qualified } from "../../sql/sql";
import type { ModelRow, StagedEvent } from "./merge-model";
import { column, sinkTable } from "./sink-model";

/** Runs statements; a test database or one of its sessions. */
export interface Session {
  query(sql: string, params?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** What a merge answers. */
export interface MergeResult {
  readonly staged: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly skipped: number;
  readonly dead: number;
  readonly duration_ms: number;
  readonly remaining: number;
}

/** The table of {@link StagedEvent}s. */
export function labTable(name: string, more: Partial<SinkTable> = {}): SinkTable {
  const columns = [
    column("h", "integer", { nullable: false }),
    column("k", "integer", { nullable: false }),
    column("r", "varchar(50)", { nullable: false }),
    column("a", "varchar(4000)"),
    column("b", "text"),
    column("lob", "text"),
  ];
  return sinkTable("lab", name, { columns, key: ["h", "k"], ...more });
}

/** 25 bytes in the order of the numbers. */
export function positionHex(position: number): string {
  return position.toString(16).padStart(48, "0") + "04";
}

/** Stages events, in the order given. */
export async function stage(session: Session, table: SinkTable, events: readonly StagedEvent[]): Promise<void> {
  const rows = events.map(({ position, operation, unchanged, ...values }) => ({
    ...values,
    ...Object.fromEntries(unchanged.map((name) => [name, null])),
    op: operation,
    pos: positionHex(position),
    un: unchanged.length === 0 ? null : unchanged,
  }));
  await session.query(
    `INSERT INTO ${qualified(table.schema, table.staging)} (h, k, r, a, b, lob, __cdc_operation, __cdc_position, __cdc_unchanged)
     SELECT h, k, r, a, b, lob, op, decode(pos, 'hex'), un
     FROM jsonb_to_recordset($1::jsonb) AS x (h int, k int, r text, a text, b text, lob text, op text, pos text, un text[])`,
    [JSON.stringify(rows)],
  );
}

/** Merges until nothing is left; the sums of the counts. */
export async function merge(session: Session, table: SinkTable, batchSize?: number): Promise<MergeResult> {
  const sums: Record<string, number> = {};
  for (let remaining = 1; remaining > 0;) {
    const call = callMerge(table);
    const { rows } = await session.query(
      batchSize === undefined ? call : call.replace("(NULL)", `(NULL, ${String(batchSize)})`),
    );
    const { result } = rows[0] as { result: MergeResult };
    for (const [name, count] of Object.entries(result)) sums[name] = (sums[name] ?? 0) + Number(count);
    remaining = result.remaining;
    sums["remaining"] = remaining;
  }
  return sums as unknown as MergeResult;
}

/** The final table in the form of the model. */
export async function finalRows(session: Session, table: SinkTable): Promise<ModelRow[]> {
  const { rows } = await session.query(
    `SELECT h, k, r, a, b, lob, ('x' || substr(encode(__cdc_position, 'hex'), 33, 16))::bit(64)::bigint::int AS position,
       __cdc_operation = 'delete' AS deleted
     FROM ${qualified(table.schema, table.name)} ORDER BY h, k`,
  );
  return rows as ModelRow[];
}

/** What changes when a row is written, and only then. */
export async function rowVersions(session: Session, table: SinkTable): Promise<unknown[]> {
  return (
    await session.query(`SELECT h, k, ctid::text, xmin::text FROM ${qualified(table.schema, table.name)} ORDER BY h, k`)
  ).rows;
}
