import { openCopy } from "../../databases/postgres/copy";
import { errorCode } from "../../databases/postgres/errors";
import type { Session } from "../../databases/sqlserver/connection";
import type { Position } from "../../model/position";
import { copyIntoStaging } from "../../sql/load-statements";
import { copyIntoTable } from "../../sql/snapshot-statements";
import type { PreparedSelect } from "../../sql/sqlserver/snapshot-statements";
import { CarefulNeeded } from "../copy/careful-needed";
import { Rejection } from "../rejection";
import { Batch } from "../sinks/batch";
import { copyRows } from "../sinks/copy-rows";
import { deadEvent } from "../sinks/dead-event";
import { recordDeadEvents } from "../sinks/dead-letters";
import type { PgClient } from "../sinks/session";
import { RowEncoder } from "../staging/row-encoder";
import { readChunk, readSelect, type KeyText, type ReadAbout, type ReadChunk, type ReadPage } from "./page-reader";
import { readEvent } from "./read-event";
import type { SnapshotContext } from "../run/snapshot-context";
import type { TableReader } from "./table-reader";

const CHUNK_CHARACTERS = 128 * 1024;
/** The last column of the COPY, which the table itself doesn't have: all Read rows carry NULL in it. */
const STAGING_ONLY = "__cdc_unchanged";
const STAGING_ONLY_TEXT = "\t\\N";

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
  const encoder = new RowEncoder(shape, pipeline);
  const isDirect = into === "table";
  const statement = isDirect
    ? copyIntoTable(
        shape,
        encoder.columns.filter((name) => name !== STAGING_ONLY),
      )
    : copyIntoStaging(shape, encoder.columns);
  const copy = openCopy(client, statement);
  const page = async (select: PreparedSelect): Promise<ReadPage> => {
    let rows = 0;
    let last: KeyText | undefined;
    let text = "";
    for await (const batch of readSelect(chunk.session, select, chunk.about)) {
      for (const row of batch) {
        const line = encoder.encode(readEvent(shape, reader.dataOf(row), chunk.position), chunk.position);
        if (line instanceof Rejection) throw new CarefulNeeded(line.reason);
        text += isDirect ? `${line.slice(0, -STAGING_ONLY_TEXT.length)}\n` : `${line}\n`;
      }
      rows += batch.length;
      const lastRow = batch.at(-1);
      if (lastRow !== undefined) last = reader.keyOf(lastRow);
      if (text.length < CHUNK_CHARACTERS) continue;
      await copy.write(text);
      text = "";
    }
    if (text !== "") await copy.write(text);
    return last === undefined ? { rows } : { rows, last };
  };
  try {
    const done = await readChunk(reader.pages, chunk.after, chunk.rows, page);
    await copy.finish();
    return done;
  } catch (error) {
    await copy.abort("the chunk could not be read");
    throw isRowError(error) ? new CarefulNeeded((error as Error).message, { cause: error }) : error;
  }
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
