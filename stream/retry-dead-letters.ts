import type { PgConfig } from "../databases/postgres/config";
import { errorCode } from "../databases/postgres/errors";
import type { Envelope } from "../model/envelope";
import { parsePosition, type Position } from "../model/position";
import type { TableShape } from "../model/table-shape";
import { callMerge } from "../sql/load-statements";
import { listDeadLetters, type DeadLetter, type DeadLetterFilter } from "./dead-letters";
import { decodeEnvelope } from "./envelope/decode";
import { PositionReader } from "./envelope/position";
import { Router } from "./envelope/routing";
import { refuseTransforms } from "./refuse-transforms";
import { Rejection } from "./rejection";
import { Batch } from "./sinks/batch";
import { deadEvent, storedText, type DeadEvent } from "./sinks/dead-event";
import { recordDeadEvents } from "./sinks/dead-letters";
import { readShapes, stageAndMerge } from "./sinks/postgres";
import { Session, type PgClient } from "./sinks/session";
import { encoderFor } from "./staging/event-encoder";

/** What a retry did. */
export interface RetryResult {
  readonly tried: number;
  /** Merged now, or no longer needed because the sink has something newer. */
  readonly resolved: number;
  /** Letters that are still open, with the reason as it is now. */
  readonly failed: readonly { readonly id: string; readonly table: string; readonly reason: string }[];
}

const PIPELINE = "dead-letters";
const PAGE = 1_000;
const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";
const RESOLVE = "SELECT cdc_management.resolve_dead_letter(id, 'retried') FROM unnest($1::bigint[]) AS id";
const RESTAGE = "SELECT cdc_management.retry_dead_letter(id) FROM unnest($1::bigint[]) AS id";
const ROW_ERROR = /^(?:22|23|54|P0001)/;

/**
 * Takes open dead letters through staging and merge again, each at its own position: what is older than the sink's row
 * changes nothing. A letter that fails again stays open and counts an attempt.
 */
export async function retryDeadLetters(config: PgConfig, filter: DeadLetterFilter = {}): Promise<RetryResult> {
  const session = new Session(config);
  try {
    const retry = new Retry(session, await readShapes(session));
    let tried = 0;
    const failed: RetryResult["failed"][number][] = [];
    for (let after = filter.after ?? "0"; ;) {
      const page = await listDeadLetters(config, { ...filter, after, limit: PAGE });
      const last = page.at(-1);
      if (last === undefined) return { tried, resolved: tried - failed.length, failed };
      await retry.page(page);
      failed.push(...(await stillOpen(config, page)));
      tried += page.length;
      after = last.id;
    }
  } finally {
    await session.close();
  }
}

async function stillOpen(config: PgConfig, page: readonly DeadLetter[]): Promise<RetryResult["failed"]> {
  const open = await listDeadLetters(config, { ids: page.map(({ id }) => id), limit: page.length });
  return open.map(({ id, schema, table, reason }) => ({ id, table: table === "" ? "" : `${schema}.${table}`, reason }));
}

class Retry {
  private readonly router: Router;

  constructor(
    private readonly session: Session,
    private readonly shapes: readonly TableShape[],
  ) {
    this.router = new Router(shapes);
  }

  async page(letters: readonly DeadLetter[]): Promise<void> {
    const batches = new Map<TableShape, LetterBatch>();
    const rows = new Map<TableShape, string[]>();
    const refused: DeadEvent[] = [];
    for (const letter of letters) {
      const shape = this.shapeOf(letter);
      if (!letter.staged) this.addEnvelope(letter, batches, refused);
      else if (shape !== undefined) rows.set(shape, [...(rows.get(shape) ?? []), letter.id]);
    }
    for (const batch of batches.values()) await this.merge(batch);
    for (const [shape, ids] of rows) await this.restage(shape, ids);
    await this.session.run("dead letters", (client) => recordDeadEvents(client, PIPELINE, refused));
  }

  private shapeOf({ schema, table }: DeadLetter): TableShape | undefined {
    return this.shapes.find((shape) => shape.schema === schema && shape.table === table);
  }

  private addEnvelope(letter: DeadLetter, batches: Map<TableShape, LetterBatch>, refused: DeadEvent[]): void {
    const raw = storedText(letter.payload);
    const envelope = decodeEnvelope(raw);
    const position = envelope instanceof Rejection ? envelope : positionOf(letter, envelope);
    const shapes = envelope instanceof Rejection ? envelope : this.shapesOf(letter, envelope);
    const problem = [envelope, position, shapes].find((part) => part instanceof Rejection);
    if (problem instanceof Rejection) refused.push(deadAgain(letter, problem.reason));
    else this.addRows(letter, raw, { envelope, position, shapes } as Readable, batches);
  }

  private shapesOf(letter: DeadLetter, envelope: Envelope): readonly TableShape[] | Rejection {
    const own = this.shapeOf(letter);
    return own === undefined ? this.router.route(envelope.metadata) : [own];
  }

  private addRows(
    letter: DeadLetter,
    raw: string,
    { envelope, position, shapes }: Readable,
    batches: Map<TableShape, LetterBatch>,
  ): void {
    for (const shape of shapes) {
      const { batch } = this.batchOf(shape, letter, batches);
      const row = batch.encoder.encode(envelope, position);
      const operation = envelope.metadata.OperationType;
      if (!(row instanceof Rejection)) batch.add(row, raw, position);
      else if (shapes.length === 1) batch.addDead(deadAgain(letter, row.reason), position);
      else batch.addDead(deadEvent(shape, { raw, position, operation }, row), position);
    }
    // Done when the last of its tables has it, in the order in which they are merged.
    const last = [...batches].findLast(([shape]) => shapes.includes(shape));
    last?.[1].ids.push(letter.id);
  }

  private batchOf(shape: TableShape, letter: DeadLetter, batches: Map<TableShape, LetterBatch>): LetterBatch {
    let found = batches.get(shape);
    if (found === undefined) {
      refuseTransforms(shape);
      found = { batch: new Batch(shape, encoderFor(shape, letter.pipeline ?? PIPELINE)), ids: [] };
      batches.set(shape, found);
    }
    return found;
  }

  /** All letters count as done; those that fail again are recorded again, which opens them. */
  private async merge({ batch, ids }: LetterBatch): Promise<void> {
    await this.session.run(nameOf(batch.shape), async (client) => {
      await client.query(`${BEGIN}; SAVEPOINT cdc_copy`);
      await client.query(RESOLVE, [ids]);
      await stageAndMerge(client, batch);
      await recordDeadEvents(client, PIPELINE, batch.dead);
      await client.query("COMMIT");
    });
  }

  /** Stages rows again that a merge had refused; when staging itself refuses one, all others still go through. */
  private async restage(shape: TableShape, ids: readonly string[]): Promise<void> {
    try {
      await this.session.run(nameOf(shape), (client) => restage(client, shape, ids));
    } catch (error) {
      if (!ROW_ERROR.test(errorCode(error) ?? "")) throw error;
      if (ids.length === 1) return;
      const half = ids.length >> 1;
      await this.restage(shape, ids.slice(0, half));
      await this.restage(shape, ids.slice(half));
    }
  }
}

interface LetterBatch {
  readonly batch: Batch;
  readonly ids: string[];
}

interface Readable {
  readonly envelope: Envelope;
  readonly position: Position;
  readonly shapes: readonly TableShape[];
}

async function restage(client: PgClient, shape: TableShape, ids: readonly string[]): Promise<void> {
  await client.query(BEGIN);
  await client.query(RESTAGE, [ids]);
  await client.query(callMerge(shape));
  await client.query("COMMIT");
}

function positionOf(letter: DeadLetter, envelope: Envelope): Position | Rejection {
  const stored = letter.position === null ? undefined : parsePosition(letter.position);
  return stored ?? new PositionReader().next(envelope.metadata);
}

// The same event as it was recorded, so that it is the same letter.
function deadAgain(letter: DeadLetter, reason: string): DeadEvent {
  const { schema, table, payload, position, operation } = letter;
  return {
    schema,
    table,
    payload,
    reason,
    ...(position === null ? {} : { position }),
    ...(operation === null ? {} : { operation }),
  };
}

function nameOf({ schema, table }: TableShape): string {
  return `table ${schema}.${table}`;
}
