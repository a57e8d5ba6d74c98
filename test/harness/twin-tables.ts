import type { Envelope, EnvelopeRow } from "../../model/envelope";
import type { SinkTable } from "../../model/sink";
import type { TestDatabase } from "./database";
import { sinkTable } from "./sink-model";

/** Two tables of one source and equal columns: one filled by the native path, the other by `stage_events`. */
export function twins(name: string, more: Partial<SinkTable>): readonly [SinkTable, SinkTable] {
  const own = { source: { schema: "dbo", table: "T" }, ...more };
  return [sinkTable("native", name, own), sinkTable("kafka", name, own)];
}

/** An envelope, or the text of what may be none. */
export type Delivered = Envelope | string;

/** Sink columns that come with the events. */
export const sent = (table: SinkTable): string[] =>
  table.columns.filter(({ source }) => source !== undefined).map((c) => c.name);

/** What `stage_events` says of a batch, then of its merge. */
export async function stage(
  database: TestDatabase,
  table: SinkTable,
  events: readonly Delivered[],
  columns = sent(table),
): Promise<unknown> {
  const texts = events.map((event, offset) => {
    const text = typeof event === "string" ? event : JSON.stringify(event);
    return text.replace(/\}$/, `,"kafka":{"topic":"t","partition":1,"offset":${String(offset)},"timestamp":1500}}`);
  });
  const values = [table.schema, table.name, "p", JSON.stringify(columns), `[${texts.join(",")}]`];
  const { rows } = await database.query<{ r: unknown }>(
    "SELECT cdc_management.stage_events($1,$2,$3,$4,$5) AS r",
    values,
  );
  return rows[0]?.r;
}

/** Merges what is staged. */
export async function merge(database: TestDatabase, table: SinkTable): Promise<void> {
  await database.query("SELECT cdc_management.manual_merge($1, $2)", [table.schema, table.name]);
}

/** The final table without when it was written. */
export async function rows(database: TestDatabase, table: SinkTable): Promise<unknown[]> {
  const key = table.key.map((name) => `"${name}"`).join(", ");
  const { rows: found } = await database.query<{ r: object }>(
    `SELECT to_jsonb(t) - '__sync_timestamp' AS r FROM ${table.schema}."${table.name}" AS t ORDER BY ${key}`,
  );
  return found.map(({ r }) => r);
}

/** Empties both tables, and what is remembered of them. */
export async function empty(database: TestDatabase, table: readonly [SinkTable, SinkTable]): Promise<void> {
  const names = table.flatMap(({ schema, name, staging }) => [`${schema}."${name}"`, `${schema}."${staging}"`]);
  await database.query(`TRUNCATE ${names.join(", ")}, cdc_management.tombstones, cdc_management.dead_letters`);
}

/** An event whose position is its number. */
export function event(
  OperationType: Envelope["metadata"]["OperationType"],
  data: EnvelopeRow,
  number: number,
  more: Partial<Envelope["metadata"]> = {},
): Envelope {
  const LSN = number.toString(16).padStart(20, "0");
  return { data, metadata: { TableName: "T", OperationType, LSN, CommandId: 1, SeqVal: LSN, ...more } };
}
