import { laterLsn, type Lsn } from "../../model/lsn";
import { isFresh, lockMerges, mayInsert } from "../../sql/snapshot-statements";
import { CarefulNeeded } from "../copy/careful-needed";
import type { SnapshotContext, SnapshotProgress } from "../run/snapshot-context";
import type { PgClient } from "../sinks/session";
import { copyCarefully, copyChunk, type Chunk } from "./copy-chunk";
import { DirectTurns } from "./direct-turns";
import { mergeStaged } from "../sinks/merge-staged";
import { readMaxLsn, withSession, type ReadChunk } from "./page-reader";
import { chunkPosition, readPosition } from "./read-event";
import { streamPosition } from "./stream-position";
import type { TableReader } from "./table-reader";
import { readOwnRows } from "./own-rows";

/** The server that was asked has captured less than the stream has seen: rows read there may be older than they seem. */
export class SourceBehind extends Error {
  override readonly name = "SourceBehind";

  constructor(
    readonly maxLsn: Lsn,
    readonly expected: Lsn,
  ) {
    super(`captured up to ${maxLsn}, expected ${expected}`);
  }
}

const LOCKED_TIMEOUT_MS = 10_000;

/** A chunk that was committed. */
export interface CommittedChunk {
  readonly progress: SnapshotProgress;
  readonly rows: number;
  /** From the beginning of its transaction to before its COMMIT. */
  readonly durationMs: number;
}

interface CopiedChunk extends ReadChunk {
  readonly isDirect: boolean;
  readonly refused: number;
}

/** What the next chunk is. */
interface Turn {
  readonly from: SnapshotProgress;
  /** The least that must be captured where it is read. */
  readonly expected: Lsn;
  readonly rows: number;
  readonly direct: boolean;
}

/** Copies one table, chunk by chunk. */
export class TableCopier {
  private direct = new DirectTurns(false);

  constructor(
    private readonly context: SnapshotContext,
    private readonly reader: TableReader,
  ) {}

  /** Where to go on: at the beginning when nothing was copied yet, or by another key. */
  async begun(from: SnapshotProgress): Promise<SnapshotProgress> {
    const key = this.reader.pages.key.columns.map(({ name }) => name);
    const { last, ...rest } = from;
    const goesOn = last !== undefined && JSON.stringify(from.key) === JSON.stringify(key);
    const { fresh, mayInsert } = await this.look(from);
    this.direct = new DirectTurns(fresh && mayInsert);
    return { ...rest, key, fresh, ...(goesOn ? { last } : {}) };
  }

  /** Copies a chunk and writes the progress with it. @throws SourceBehind. */
  next(from: SnapshotProgress, rows: number): Promise<CommittedChunk> {
    const { context } = this;
    return context.write(async (client, record) => {
      const started = Date.now();
      const direct = this.direct.isNext();
      const expected = direct ? await this.keepMergesOut(client, from) : from.joinedAt;
      const done = await this.read(client, { from, expected, rows, direct });
      await context.step("snapshotCopied");
      const merged = done.isDirect ? undefined : await mergeStaged(client, context.shape);
      const refused = (from.refused ?? 0) + done.refused + (merged?.dead ?? 0);
      const progress = { ...progressAfter(from, done), ...(refused === 0 ? {} : { refused }) };
      await record(progress);
      await context.step("snapshotRecorded");
      return { progress, rows: done.rows, durationMs: Date.now() - started };
    });
  }

  /**
   * From now on no merge writes the table, so nothing can be deleted between the reading of a row and its copy. What was
   * merged before must be captured where we read: answers up to where.
   */
  private async keepMergesOut(client: PgClient, { joinedAt }: SnapshotProgress): Promise<Lsn> {
    const { shape, pipeline, sourceName } = this.context;
    await client.query(lockMerges(shape));
    return laterLsn(joinedAt, (await streamPosition(client, pipeline, sourceName)) ?? joinedAt);
  }

  private read(client: PgClient, { from, expected, rows, direct }: Turn): Promise<CopiedChunk> {
    const { config, instance, signal } = this.context;
    // Who waits for a lock at the source must not keep the stream's merges waiting.
    const patience = direct ? { timeoutMs: LOCKED_TIMEOUT_MS } : {};
    const about = { object: `table ${instance.schema}.${instance.table}`, signal, ...patience };
    return withSession(config, about, async (session) => {
      const maxLsn = await readMaxLsn(session, about);
      if (maxLsn < expected) throw new SourceBehind(maxLsn, expected);
      const chunk = { session, about, after: from.last, rows, position: chunkPosition(maxLsn) };
      return this.copy(client, chunk, direct);
    });
  }

  private async copy(client: PgClient, chunk: Chunk, direct: boolean): Promise<CopiedChunk> {
    const { context, reader } = this;
    if (direct) {
      const done = await attempt(client, () => copyChunk(client, context, reader, chunk, "table"));
      this.direct.went(done !== undefined);
      if (done !== undefined) return { ...done, isDirect: true, refused: 0 };
    }
    const done = await attempt(client, () => copyChunk(client, context, reader, chunk, "staging"));
    if (done !== undefined) return { ...done, isDirect: false, refused: 0 };
    return { ...(await copyCarefully(client, context, reader, chunk)), isDirect: false };
  }

  /** Whether the table had rows from before, and may be written. */
  private look({
    phase,
    joinedAt,
    fresh: known,
    last,
  }: SnapshotProgress): Promise<{ fresh: boolean; mayInsert: boolean }> {
    const { shape } = this.context;
    if (phase !== "rows") return Promise.resolve({ fresh: false, mayInsert: false });
    return this.context.write(async (client) => {
      const may = await client.query<{ may_insert: boolean }>(mayInsert(shape));
      const mayInsertRows = may.rows[0]?.may_insert === true;
      if (last !== undefined) return { fresh: known === true, mayInsert: mayInsertRows };
      const { rows } = await client.query<{ is_fresh: boolean }>(isFresh(shape, await readOwnRows(client, shape)), [
        readPosition(joinedAt),
      ]);
      return { fresh: rows[0]?.is_fresh === true, mayInsert: mayInsertRows };
    });
  }
}

/** Undefined when the rows cannot go this way; then it is as if nothing had been copied. */
async function attempt(client: PgClient, work: () => Promise<ReadChunk>): Promise<ReadChunk | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CarefulNeeded)) throw error;
    await client.query("ROLLBACK TO SAVEPOINT cdc_copy");
    return undefined;
  }
}

// In a table that had no row when it joined the stream none can have vanished.
function progressAfter(from: SnapshotProgress, done: CopiedChunk): SnapshotProgress {
  const { last: _before, ...rest } = { ...from, rows: from.rows + done.rows };
  if (!done.isEnd) return done.last === undefined ? rest : { ...rest, last: done.last };
  return { ...rest, phase: from.phase === "rows" && from.fresh !== true ? "deletes" : "done" };
}
