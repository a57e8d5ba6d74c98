import type { Envelope } from "../model/envelope";
import type { Position } from "../model/position";
import type { TableShape } from "../model/table-shape";
import { columnNote } from "./column-note";
import { decodeEnvelope } from "./envelope/decode";
import { readLines, type Line } from "./envelope/lines";
import { PositionReader } from "./envelope/position";
import { namedTable, Router } from "./envelope/routing";
import { orIdle } from "./or-idle";
import { Rejection } from "./rejection";
import { Batch, type SharedDelivery } from "./sinks/batch";
import { deadEvent, payloadOf, textPayload, type DeadEvent } from "./sinks/dead-event";
import { addCounts, NO_COUNTS, type MergeCounts } from "./sinks/load-result";
import type { PostgresSink } from "./sinks/postgres";
import { refuseTransforms } from "./refuse-transforms";
import { encoderFor, type EventEncoder } from "./staging/event-encoder";

/** Settings of {@link loadEnvelopes}. */
export interface LoadOptions {
  /** Takes every event whatever its metadata say: `schema.table` in the sink. */
  readonly table?: string;
  /** Events per transaction; default 50,000. */
  readonly batchRows?: number;
  /** Characters per transaction, rows and originals together; default 64 million. */
  readonly batchCharacters?: number;
  /** Write what is there when the input has been silent for so long; default: only when full or at the end. */
  readonly idleMs?: number;
  /** Longest line in bytes; default 100 MB. */
  readonly maxLineBytes?: number;
  /** Told after every chunk of the input and every transaction. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Stops between two transactions. */
  readonly signal?: AbortSignal;
}

/** How far a load is. */
export interface LoadProgress {
  /** Lines read that were not blank. */
  readonly events: number;
  /** Of these: in transactions that are committed, for every table that takes them. */
  readonly committed: number;
  /** Dead letters written: one per table that refuses an event. */
  readonly dead: number;
}

/** What a load did. */
export interface LoadResult extends LoadProgress {
  readonly pipeline: string;
  readonly batches: number;
  readonly merged: MergeCounts;
  /** Per table, named `schema.table`: events delivered and the checkpoint after the load. */
  readonly tables: Readonly<Record<string, { readonly events: number; readonly checkpoint: string }>>;
  /** The first reasons of dead events. */
  readonly reasons: readonly string[];
  /** What looks wrong though nothing failed, such as a column that the events lack. */
  readonly notes: readonly string[];
  readonly interrupted: boolean;
  readonly durationMs: number;
}

interface PlacedEvent {
  readonly envelope: Envelope;
  readonly position: Position;
  readonly raw: string;
}

const BATCH_ROWS = 50_000;
const BATCH_CHARACTERS = 64_000_000;
const TOTAL_CHARACTERS = 2 * BATCH_CHARACTERS;
const SHOWN_REASONS = 5;

/**
 * Streams envelopes (NDJSON) into the sink, one table's batch per transaction: staged, merged and checkpointed together.
 * To be killed at any point and to be repeated is harmless. While one batch is being written the next is read.
 */
export async function loadEnvelopes(
  sink: PostgresSink,
  input: AsyncIterable<Buffer>,
  options: LoadOptions = {},
): Promise<LoadResult> {
  const load = new Load(sink, options);
  const started = performance.now();
  const lineOptions = options.maxLineBytes === undefined ? {} : { maxLineBytes: options.maxLineBytes };
  for await (const lines of orIdle(readLines(input, lineOptions), options.idleMs)) {
    if (options.signal?.aborted === true) break;
    if (lines === undefined) await load.flush();
    else for (const line of lines) await load.take(line);
    load.report();
  }
  const interrupted = options.signal?.aborted === true;
  await load.finish(interrupted);
  return { ...load.result(), interrupted, durationMs: Math.round(performance.now() - started) };
}

/** Takes events line by line and writes them batch by batch. */
export class Load {
  private readonly positions = new PositionReader();
  private readonly router: Router;
  private readonly encoders = new Map<TableShape, EventEncoder>();
  private readonly pending = new Map<TableShape, Batch>();
  private readonly tables: Record<string, { events: number; checkpoint: string }> = {};
  private readonly reasons: string[] = [];
  private readonly notes = new Map<TableShape, string | undefined>();
  private strays: DeadEvent[] = [];
  private inFlight: Promise<void> = Promise.resolve();
  private pendingCharacters = 0;
  private merged = NO_COUNTS;
  private events = 0;
  private committed = 0;
  private dead = 0;
  private batches = 0;

  constructor(
    private readonly sink: PostgresSink,
    private readonly options: LoadOptions,
  ) {
    const forced = options.table === undefined ? undefined : namedTable(sink.shapes, options.table);
    if (forced !== undefined) this.encoderOf(forced);
    this.router = new Router(sink.shapes, forced);
  }

  /** Takes one line; waits only when a batch is full and the one before is still being written. */
  take(line: Line): Promise<void> | undefined {
    this.events += 1;
    if (line.failure !== undefined)
      return this.stray(textPayload(line.text, line.number), `line ${String(line.number)}: ${line.failure}`);
    const envelope = decodeEnvelope(line.text);
    if (envelope instanceof Rejection)
      return this.stray(textPayload(line.text, line.number), `line ${String(line.number)}: ${envelope.reason}`);
    const position = this.positions.next(envelope.metadata);
    if (position instanceof Rejection)
      return this.stray(payloadOf(line.text), `line ${String(line.number)}: ${position.reason}`);
    const shapes = this.router.route(envelope.metadata);
    if (shapes instanceof Rejection) return this.stray(payloadOf(line.text), shapes.reason, envelope, position);
    const event = { envelope, position, raw: line.text };
    const [only] = shapes;
    return only !== undefined && shapes.length === 1 ? this.stage(only, event) : this.stageAll(shapes, event);
  }

  /** Writes everything that is pending. */
  async flush(): Promise<void> {
    for (const batch of [...this.pending.values()]) await this.submit(batch);
    await this.inFlight;
    if (this.strays.length > 0) await this.writeStrays();
  }

  async finish(interrupted: boolean): Promise<void> {
    if (interrupted) await this.inFlight;
    else await this.flush();
  }

  report(): void {
    const { events, committed, dead } = this;
    this.options.onProgress?.({ events, committed, dead });
  }

  result(): Omit<LoadResult, "interrupted" | "durationMs"> {
    const { events, committed, dead, batches, merged, tables, reasons } = this;
    const notes = [...this.notes.values()].filter((note) => note !== undefined);
    return { pipeline: this.sink.pipeline, events, committed, dead, batches, merged, tables, reasons, notes };
  }

  /** The same event for several tables: it is done when all of them have it. */
  private async stageAll(shapes: readonly TableShape[], event: PlacedEvent): Promise<void> {
    const delivery = { left: shapes.length };
    for (const shape of shapes) await this.stage(shape, event, delivery);
  }

  private stage(shape: TableShape, event: PlacedEvent, delivery?: SharedDelivery): Promise<void> | undefined {
    const { envelope, position, raw } = event;
    const batch = this.batchOf(shape);
    if (!this.notes.has(shape) && isWholeRow(envelope)) this.notes.set(shape, columnNote(shape, envelope.data));
    const before = batch.size;
    const row = batch.encoder.encode(envelope, position);
    if (row instanceof Rejection) {
      const operation = envelope.metadata.OperationType;
      batch.addDead(deadEvent(shape, { raw, position, operation }, { reason: row.reason }), position);
    } else batch.add(row, raw, position);
    if (delivery !== undefined) batch.shared.push(delivery);
    this.pendingCharacters += batch.size - before;
    return this.submitFull(batch);
  }

  private submitFull(batch: Batch): Promise<void> | undefined {
    const { batchRows = BATCH_ROWS, batchCharacters = BATCH_CHARACTERS } = this.options;
    if (batch.events >= batchRows || batch.size >= batchCharacters) return this.submit(batch);
    if (this.pendingCharacters < TOTAL_CHARACTERS) return undefined;
    return this.submit([...this.pending.values()].reduce((a, b) => (b.size > a.size ? b : a)));
  }

  /** Hands the batch to the sink once the one before is written. */
  private async submit(batch: Batch): Promise<void> {
    this.pending.delete(batch.shape);
    this.pendingCharacters -= batch.size;
    await this.inFlight;
    this.inFlight = this.write(batch);
    // A failure is thrown where it is awaited: at the next batch or at the end.
    this.inFlight.catch(() => undefined);
  }

  private async write(batch: Batch): Promise<void> {
    const { counts, checkpoint } = await this.sink.write(batch);
    this.merged = addCounts(this.merged, counts);
    this.batches += 1;
    this.count(batch.dead, batch.finishedEvents(), counts.dead);
    const table = (this.tables[`${batch.shape.schema}.${batch.shape.table}`] ??= { events: 0, checkpoint });
    table.events += batch.events;
    table.checkpoint = checkpoint;
  }

  private async writeStrays(): Promise<void> {
    const { strays } = this;
    this.strays = [];
    await this.sink.writeDead(strays);
    this.count(strays, strays.length, 0);
  }

  private count(dead: readonly DeadEvent[], events: number, deadInMerge: number): void {
    this.committed += events;
    this.dead += dead.length + deadInMerge;
    for (const { reason } of dead.slice(0, SHOWN_REASONS))
      if (this.reasons.length < SHOWN_REASONS) this.reasons.push(reason);
    this.report();
  }

  private stray(payload: string, reason: string, envelope?: Envelope, position?: Position): Promise<void> | undefined {
    const operation = envelope?.metadata.OperationType;
    this.strays.push({
      payload,
      reason,
      ...(position === undefined ? {} : { position }),
      ...(operation === undefined ? {} : { operation }),
    });
    return this.strays.length >= (this.options.batchRows ?? BATCH_ROWS) ? this.flush() : undefined;
  }

  private batchOf(shape: TableShape): Batch {
    const known = this.pending.get(shape);
    if (known !== undefined) return known;
    const batch = new Batch(shape, this.encoderOf(shape));
    this.pending.set(shape, batch);
    return batch;
  }

  private encoderOf(shape: TableShape): EventEncoder {
    const known = this.encoders.get(shape);
    if (known !== undefined) return known;
    refuseTransforms(shape);
    const encoder = encoderFor(shape, this.sink.pipeline);
    this.encoders.set(shape, encoder);
    return encoder;
  }
}

function isWholeRow({ metadata: { OperationType: operation } }: Envelope): boolean {
  return operation === "Insert" || operation === "Read";
}
