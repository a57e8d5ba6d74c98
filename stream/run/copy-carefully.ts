import { copyIntoStaging } from "../../sql/load-statements";
import type { ChangeEvent } from "../copy/text-changes";
import { Rejection } from "../rejection";
import { Batch } from "../sinks/batch";
import { copyRows } from "../sinks/copy-rows";
import { deadEvent } from "../sinks/dead-event";
import { recordDeadEvents } from "../sinks/dead-letters";
import type { PgClient } from "../sinks/session";
import { readChangeEnvelopes } from "../sources/read-change-envelopes";
import { RowEncoder } from "../staging/row-encoder";
import type { Staged } from "./copy-window";
import { StreamFailure } from "./failures";
import type { TableRun } from "./table-run";
import type { TableRead } from "./window";
import type { FeedSource } from "./window-feed";

const BATCH_CHARACTERS = 16_000_000;

/** Reads changes as envelopes and copies them row by row where needed: what can't be staged becomes a dead letter. */
export async function copyCarefully(
  client: PgClient,
  source: FeedSource,
  reads: readonly TableRead[],
  options: { readonly signal: AbortSignal; readonly copied: (table: TableRun) => Promise<void> },
): Promise<ReadonlyMap<TableRun, Staged>> {
  const staged = new Map<TableRun, Staged>();
  for (const read of reads) {
    const before = staged.get(read.table) ?? { events: 0, dead: 0 };
    const { events, dead } = await copyRead(client, source, read, options.signal);
    staged.set(read.table, { events: before.events + events, dead: before.dead + dead });
    await options.copied(read.table);
  }
  return staged;
}

async function copyRead(client: PgClient, source: FeedSource, read: TableRead, signal: AbortSignal): Promise<Staged> {
  const { table, instance, after, upTo } = read;
  const encoder = new RowEncoder(table.shape, source.pipeline);
  const total = { events: 0, dead: 0 };
  const flush = async (batch: Batch): Promise<void> => {
    await inSink(table, () => copyBatch(client, source.pipeline, batch));
    total.events += batch.events;
    total.dead += batch.dead.length;
  };
  let batch = new Batch(table.shape, encoder);
  const changes = readChangeEnvelopes(source.config, { shape: table.shape, instance, after, upTo, signal });
  try {
    for (;;) {
      const found = await fromSource(table, () => changes.next());
      if (found.done === true) break;
      for (const change of found.value) add(batch, change);
      if (batch.size < BATCH_CHARACTERS) continue;
      await flush(batch);
      batch = new Batch(table.shape, encoder);
    }
  } finally {
    await changes.return();
  }
  await flush(batch);
  return total;
}

function add(batch: Batch, { envelope, position }: ChangeEvent): void {
  const raw = JSON.stringify(envelope);
  const line = batch.encoder.encode(envelope, position);
  const operation = envelope.metadata.OperationType;
  if (!(line instanceof Rejection)) batch.add(line, raw, position);
  else batch.addDead(deadEvent(batch.shape, { raw, position, operation }, { reason: line.reason }), position);
}

async function copyBatch(client: PgClient, pipeline: string, batch: Batch): Promise<void> {
  // What was copied before stays, whatever this batch does.
  await client.query("RELEASE SAVEPOINT cdc_copy; SAVEPOINT cdc_copy");
  await copyRows(client, copyIntoStaging(batch.shape, batch.encoder.columns), batch);
  await recordDeadEvents(client, pipeline, batch.dead);
}

async function fromSource<T>(table: TableRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StreamFailure("source", table.name, error);
  }
}

async function inSink<T>(table: TableRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StreamFailure("sink", table.name, error);
  }
}
