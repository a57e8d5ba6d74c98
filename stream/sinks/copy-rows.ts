import { openCopy } from "../../databases/postgres/copy";
import type { Batch } from "./batch";
import { deadEvent } from "./dead-event";
import type { PgClient } from "./session";

const CHUNK_CHARACTERS = 128 * 1024;
const GROWTH = 4;
// Classes of SQLSTATE that a single row is to blame for, when the server names its line: data exceptions,
// constraint violations, limits (a row too big), and what a trigger raises.
const ROW_ERROR = /^(?:22|23|54|P0001)/;

/**
 * Copies the batch's rows into staging. Must run inside a transaction that has set SAVEPOINT cdc_copy. A row that the
 * server refuses becomes a dead event of the batch and the others are copied again, in pieces: a piece shrinks when it
 * fails and grows when it passes, so one bad row costs little and many bad rows cost one round trip each at worst.
 */
export async function copyRows(client: PgClient, statement: string, batch: Batch): Promise<void> {
  let start = 0;
  let length = batch.rows.length;
  while (start < batch.rows.length) {
    const end = Math.min(start + length, batch.rows.length);
    const failure = await copyPiece(client, statement, batch, start, end);
    if (failure === undefined) {
      start = end;
      length *= GROWTH;
    } else {
      await client.query("ROLLBACK TO SAVEPOINT cdc_copy");
      batch.kill(failure.index, (raw, position) =>
        deadEvent(batch.shape, { raw, position, operation: operationOf(raw) }, failure),
      );
      // Every row before the refused one passed.
      length = failure.index > start ? failure.index - start : Math.max(1, length >> 1);
    }
  }
}

interface RowFailure {
  readonly index: number;
  readonly reason: string;
  readonly sqlstate: string;
}

async function copyPiece(
  client: PgClient,
  statement: string,
  batch: Batch,
  start: number,
  end: number,
): Promise<RowFailure | undefined> {
  const copy = openCopy(client, statement);
  try {
    const step = rowsPerChunk(batch, start, end);
    for (let from = start; from < end; from += step) {
      await copy.write(Buffer.from(`${batch.rows.slice(from, Math.min(from + step, end)).join("\n")}\n`));
    }
    await copy.finish();
  } catch (error) {
    const failure = rowFailure(error, batch, start);
    if (failure === undefined) throw error;
    return failure;
  }
  // What is copied stays, whatever the next piece does.
  if (end < batch.rows.length) await client.query("RELEASE SAVEPOINT cdc_copy; SAVEPOINT cdc_copy");
  return undefined;
}

function rowsPerChunk(batch: Batch, start: number, end: number): number {
  const average = batch.size / (batch.events + 1);
  return Math.max(1, Math.min(end - start, Math.floor(CHUNK_CHARACTERS / (average + 1))));
}

/** Which row the server refused; undefined when the error is about no row. */
function rowFailure(error: unknown, batch: Batch, start: number): RowFailure | undefined {
  const { code = "", where = "", message = "" } = error as { code?: string; where?: string; message?: string };
  if (!ROW_ERROR.test(code)) return undefined;
  const prefix = `COPY ${batch.shape.staging}, line `;
  const at = where.lastIndexOf(prefix);
  const line = at < 0 ? Number.NaN : Number.parseInt(where.slice(at + prefix.length), 10);
  if (Number.isNaN(line)) return undefined;
  return { index: eventOfLine(batch.rows, start, line), reason: reasonOf(message, where), sqlstate: code };
}

// An event whose key changed has two lines.
function eventOfLine(rows: readonly string[], start: number, line: number): number {
  let index = start;
  for (let seen = linesOf(rows[index]); seen < line && index < rows.length - 1; seen += linesOf(rows[index]))
    index += 1;
  return index;
}

function linesOf(row: string | undefined): number {
  return row?.includes("\n") === true ? 2 : 1;
}

function reasonOf(message: string, where: string): string {
  const column = /, column ([^:\n]+):/.exec(where)?.[1];
  return column === undefined ? message : `column "${column}": ${message}`;
}

function operationOf(raw: string): string {
  return (JSON.parse(raw) as { metadata: { OperationType: string } }).metadata.OperationType;
}
