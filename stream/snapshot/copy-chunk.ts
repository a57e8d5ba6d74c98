import { openCopy } from "../../databases/postgres/copy";
import { errorCode } from "../../databases/postgres/errors";
import type { Session } from "../../databases/sqlserver/connection";
import type { Position } from "../../model/position";
import { copyIntoStaging } from "../../sql/load-statements";
import { copyIntoTable } from "../../sql/snapshot-statements";
import type { PreparedSelect } from "../../sql/sqlserver/snapshot-statements";
import { CarefulNeeded } from "../copy/careful-needed";
import { CopyOutput } from "../copy/copy-output";
import { Rejection } from "../rejection";
import { Batch } from "../sinks/batch";
import { copyRows } from "../sinks/copy-rows";
import { deadEvent } from "../sinks/dead-event";
import { recordDeadEvents } from "../sinks/dead-letters";
import type { PgClient } from "../sinks/session";
import { RowEncoder } from "../staging/row-encoder";
import {
  readChunk,
  readSelect,
  takeSelect,
  type KeyText,
  type ReadAbout,
  type ReadChunk,
  type ReadPage,
} from "./page-reader";
import { readEvent } from "./read-event";
import type { SnapshotContext } from "../run/snapshot-context";
import { ReadTaker, type ReadLines } from "./read-taker";
import type { TableReader } from "./table-reader";

/** The last column of the COPY, which the table itself doesn't have. */
const STAGING_ONLY = "__cdc_unchanged";

/** Which rows, and where they are in the source's history. */
export interface Chunk {
  readonly session: Session;
  readonly about: ReadAbout;
  readonly after: KeyText | undefined;
  readonly rows: number;
  readonly position: Position;
}

/** Copies a chunk's rows as they come. @throws CarefulNeeded when one of them, or the whole, cannot go this way. */
export async function copyChunk(
  client: PgClient,
  { shape, pipeline }: SnapshotContext,
  reader: TableReader,
  chunk: Chunk,
  into: "staging" | "table",
): Promise<ReadChunk> {
  const isDirect = into === "table";
  const { columns } = new RowEncoder(shape, pipeline);
  const own = columns.filter((name) => name !== STAGING_ONLY);
  const copy = openCopy(client, isDirect ? copyIntoTable(shape, own) : copyIntoStaging(shape, columns));
  const output = new CopyOutput((bytes) => copy.write(bytes));
  const lines = { shape, origin: pipeline, reader, position: chunk.position, output, isDirect };
  try {
    const done = await readChunk(reader.pages, chunk.after, chunk.rows, (select) => copyPage(chunk, lines, select));
    await output.end();
    await copy.finish();
    return done;
  } catch (error) {
    await copy.abort("the chunk could not be read");
    throw isRowError(error) ? new CarefulNeeded((error as Error).message, { cause: error }) : error;
  }
}

async function copyPage(chunk: Chunk, lines: ReadLines, select: PreparedSelect): Promise<ReadPage> {
  const taker = new ReadTaker(lines);
  if (await takeSelect(chunk.session, select, taker, chunk.about)) {
    const last = taker.last();
    return last === undefined ? { rows: 0 } : { rows: taker.rows, last };
  }
  return copyTexts(chunk, lines, select);
}

/** By way of envelopes, where the rows can't be had as bytes. */
async function copyTexts(chunk: Chunk, lines: ReadLines, select: PreparedSelect): Promise<ReadPage> {
  const { shape, origin, reader, position, output, isDirect } = lines;
  const encoder = new RowEncoder(shape, origin);
  let rows = 0;
  let last: KeyText | undefined;
  for await (const batch of readSelect(chunk.session, select, chunk.about)) {
    for (const row of batch) {
      const line = encoder.encode(readEvent(shape, reader.dataOf(row), position), position);
      if (line instanceof Rejection) throw new CarefulNeeded(line.reason);
      output.append(isDirect ? `${line.slice(0, line.lastIndexOf("\t"))}\n` : `${line}\n`);
      last = reader.keyOf(row);
    }
    rows += batch.length;
    await output.busy();
  }
  return last === undefined ? { rows } : { rows, last };
}

/** Copies the rows one by one into staging; what is refused becomes a dead letter. */
export async function copyCarefully(
  client: PgClient,
  { shape, pipeline }: SnapshotContext,
  reader: TableReader,
  chunk: Chunk,
): Promise<ReadChunk & { readonly refused: number }> {
  const { position } = chunk;
  const batch = new Batch(shape, new RowEncoder(shape, pipeline));
  const done = await readChunk(reader.pages, chunk.after, chunk.rows, async (select) => {
    let rows = 0;
    let last: KeyText | undefined;
    for await (const found of readSelect(chunk.session, select, chunk.about)) {
      for (const row of found) {
        const event = readEvent(shape, reader.dataOf(row), position);
        const raw = JSON.stringify(event);
        const line = batch.encoder.encode(event, position);
        if (line instanceof Rejection)
          batch.addDead(deadEvent(shape, { raw, position, operation: "Read" }, line), position);
        else batch.add(line, raw, position);
        last = reader.keyOf(row);
      }
      rows += found.length;
    }
    return last === undefined ? { rows } : { rows, last };
  });
  await copyRows(client, copyIntoStaging(shape, batch.encoder.columns), batch);
  await recordDeadEvents(client, pipeline, batch.dead);
  return { ...done, refused: batch.dead.length };
}

// A row is to blame, or a row that is there already: the classes of copyRows.
function isRowError(error: unknown): boolean {
  return /^(?:22|23|54|P0001)/.test(errorCode(error) ?? "");
}
