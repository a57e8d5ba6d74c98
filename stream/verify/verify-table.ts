import { sleep } from "../../lib/retry";
import type { Session } from "../../databases/sqlserver/connection";
import type { PreparedSelect } from "../../sql/sqlserver/snapshot-statements";
import type { Compared } from "../../sql/verify-statements";
import { Rejection } from "../rejection";
import type { PgClient } from "../sinks/session";
import { ChunkSize } from "../snapshot/chunk-size";
import {
  readChunk,
  readSelect,
  withSession,
  type KeyText,
  type ReadChunk,
  type ReadPage,
} from "../snapshot/page-reader";
import {
  compareAmong,
  compareRows,
  findExtra,
  prepareCompare,
  sinkRowCount,
  type FoundRow,
  type WriteLines,
} from "./compare-session";
import { capturedUpTo } from "./captured-up-to";
import type { Difference, DifferenceKind, VerifiedTable } from "./differences";
import type { OpenedTable } from "./open-table";
import { waitForStream } from "./wait-for-stream";
import { ValueEncoder } from "./value-encoder";

const CHUNK_CHARACTERS = 128 * 1024;
/** Rows that wait for a second look at most. */
const MOST_OPEN = 1_000;
const PAUSE_MS = 300;
/** Looks at the same rows while too many of them differ. */
const ATTEMPTS = 4;

/** How a comparison is done. */
export interface VerifySettings {
  readonly pipeline: string;
  /** Differing rows to name per table. */
  readonly limit: number;
  /** How long the capture may need to see a change, which is then looked at again: 6,000 with a job that polls every 5 s. */
  readonly graceMs: number;
  /** Longest wait for rows that keep changing, and for the stream. */
  readonly settleMs: number;
  /** Rows of a chunk, for tests. */
  readonly chunkRows?: number;
  readonly signal?: AbortSignal;
  /** Told after each chunk. */
  readonly onRows?: (rows: number) => void;
}

type Verified = Pick<VerifiedTable, "rows" | "equal" | "counts" | "differences" | "unsettled" | "remark">;

type Kind = FoundRow["kind"];

const KINDS: readonly Kind[] = ["missing", "extra", "different"];

/** What one look at some rows found: the first of them, and how many there are. */
interface Look {
  readonly found: readonly FoundRow[];
  readonly counts: Readonly<Record<Kind, number>>;
}

interface Refused {
  readonly key: KeyText;
  readonly reason: string;
}

interface ReadRows extends ReadChunk {
  readonly refused: readonly Refused[];
}

/** Compares one table. One object, one comparison. */
export class TableVerifier {
  private rows = 0;
  private matched = 0;
  private unsettled = 0;
  private remark: string | undefined;
  private open: FoundRow[] = [];
  /** Keys of rows that differ for sure, of the chunk at hand. */
  private readonly confirmed = new Set<string>();
  private readonly counts: Record<DifferenceKind, number> = { missing: 0, extra: 0, different: 0, refused: 0 };
  private readonly differences: Difference[] = [];
  private readonly encoder: ValueEncoder;
  private readonly compared: Compared;

  constructor(
    private readonly client: PgClient,
    private readonly table: OpenedTable,
    private readonly settings: VerifySettings,
  ) {
    const { shape, reader, own } = table;
    this.encoder = new ValueEncoder(shape);
    const read = new Set(reader.sources);
    const columns = shape.columns.filter(({ source }) => source !== undefined && read.has(source));
    this.compared = {
      shape,
      own,
      columns: columns.map(({ name }) => name).filter((name) => !shape.key.includes(name)),
    };
  }

  async run(): Promise<Verified> {
    await prepareCompare(this.client, this.table.shape);
    await this.compareChunks();
    if ((await sinkRowCount(this.client, this.compared)) !== this.matched) await this.lookForExtra();
    await this.lookAgain();
    const { rows, counts, differences, unsettled, remark } = this;
    const equal = unsettled === 0 && Object.values(counts).every((count) => count === 0);
    return { rows, equal, counts, differences, unsettled, ...(remark === undefined ? {} : { remark }) };
  }

  private async compareChunks(): Promise<void> {
    const size = new ChunkSize(this.settings.chunkRows, this.table.reader.hasLarge);
    for (let after: KeyText | undefined, isEnd = false; !isEnd;) {
      this.settings.signal?.throwIfAborted();
      const started = Date.now();
      const chunk = await this.settle(() => this.compareChunk(after, size.rows));
      this.rows += chunk.rows;
      this.matched += chunk.rows - chunk.refused.length - chunk.missing;
      for (const { key, reason } of chunk.refused) this.refuse(key, reason);
      ({ isEnd, last: after } = { last: undefined, ...chunk });
      size.took(chunk.rows, Date.now() - started);
      this.settings.onRows?.(chunk.rows);
    }
  }

  private async compareChunk(after: KeyText | undefined, rows: number) {
    let chunk: ReadRows = { isEnd: true, rows: 0, refused: [] };
    const found = await compareRows(this.client, this.compared, this.encoder.columns, MOST_OPEN, async (write) => {
      chunk = await this.readRows(after, rows, this.encoder, write);
    });
    return { ...chunk, missing: found.missing, found: found.rows, counts: countsOf(found) };
  }

  private async lookForExtra(): Promise<void> {
    const { shape, reader } = this.table;
    const encoder = new ValueEncoder(shape, shape.key);
    const size = new ChunkSize(this.settings.chunkRows, reader.hasLarge);
    await this.settle(async () => {
      const { rows, extra } = await findExtra(this.client, this.compared, encoder.columns, MOST_OPEN, async (write) => {
        for (let after: KeyText | undefined, isEnd = false; !isEnd;) {
          this.settings.signal?.throwIfAborted();
          ({ isEnd, last: after } = { last: undefined, ...(await this.readRows(after, size.rows, encoder, write)) });
        }
      });
      return { found: rows, counts: countsOf({ extra }) };
    });
  }

  /** Reads the rows after a key and writes those that the sink can hold. */
  private async readRows(
    after: KeyText | undefined,
    rows: number,
    encoder: ValueEncoder,
    write: WriteLines,
  ): Promise<ReadRows> {
    const { config, reader, about } = this.table;
    const refused: Refused[] = [];
    const read = async (session: Session, select: PreparedSelect): Promise<ReadPage> => {
      let count = 0;
      let last: KeyText | undefined;
      let text = "";
      for await (const batch of readSelect(session, select, about)) {
        for (const row of batch) {
          const line = encoder.encode(reader.dataOf(row));
          last = reader.keyOf(row);
          if (line instanceof Rejection) refused.push({ key: last, reason: line.reason });
          else text += `${line}\n`;
        }
        count += batch.length;
        if (text.length < CHUNK_CHARACTERS) continue;
        await write(text);
        text = "";
      }
      if (text !== "") await write(text);
      return last === undefined ? { rows: count } : { rows: count, last };
    };
    const done = await withSession(config, about, (session) =>
      readChunk(reader.pages, after, rows, (select) => read(session, select)),
    );
    return { ...done, refused };
  }

  private refuse(key: KeyText, reason: string): void {
    this.counts.refused += 1;
    const names = this.table.reader.pages.key.columns.map(({ name }) => name);
    this.name({ kind: "refused", key: keyed(names, key), reason });
  }

  private isEnough(): boolean {
    return this.confirmed.size >= MOST_OPEN || this.differences.length >= this.settings.limit;
  }

  /**
   * Keeps what a look found for a second one, by name; once enough are known for sure, the others are only counted. When
   * more differ than can be kept, these are looked at again first, and then there is another look at all: a burst of
   * changes on their way is no difference.
   */
  private async settle<T extends Look>(look: () => Promise<T>): Promise<T> {
    if (this.open.length >= MOST_OPEN) await this.lookAgain();
    this.confirmed.clear();
    let before = { ...this.counts };
    for (let attempt = 1; ; attempt += 1) {
      const result = await look();
      const { found, counts } = result;
      const fresh = found.filter(({ key }) => !this.confirmed.has(JSON.stringify(key)));
      const unlisted = KINDS.reduce((sum, kind) => sum + counts[kind], -found.length);
      if (unlisted > 0 && !this.isEnough() && attempt < ATTEMPTS) {
        if (attempt === 1) {
          await this.lookAgain();
          before = { ...this.counts };
          this.confirmed.clear();
        }
        this.open.push(...fresh);
        await this.lookAgain();
        continue;
      }
      const isOver = unlisted === 0 || this.isEnough();
      const kept = isOver && this.isEnough() ? [] : fresh;
      if (!isOver) this.unsettled += unlisted;
      const counted = isOver ? counts : countsOf(byKind(found));
      for (const kind of KINDS) this.counts[kind] = before[kind] + counted[kind] - byKind(kept)[kind];
      this.open.push(...kept);
      return result;
    }
  }

  /** Looks at the open rows again until each is equal, or differs without having changed, or the time is up. */
  private async lookAgain(): Promise<void> {
    const { settings, table } = this;
    if (this.open.length === 0) return;
    const deadline = Date.now() + settings.graceMs + settings.settleMs;
    await sleep(settings.graceMs, settings.signal);
    while (this.open.length > 0) {
      const target = await capturedUpTo(table, settings.signal);
      const remark = await waitForStream(this.client, settings, table.sourceName, target, deadline);
      const before = new Map(this.open.map((row) => [JSON.stringify(row.key), row]));
      const again = await this.rowsNow(this.open);
      const isSettled = (row: FoundRow): boolean => before.get(JSON.stringify(row.key))?.seen === row.seen;
      for (const row of again.filter(isSettled)) this.confirm(row);
      if (again.some(isSettled)) this.remark ??= remark;
      this.open = again.filter((row) => !isSettled(row));
      if (this.open.length === 0) break;
      if (Date.now() >= deadline) {
        this.unsettled += this.open.length;
        this.open = [];
      } else await sleep(PAUSE_MS, settings.signal);
    }
  }

  /** What differs now of rows that differed; all of them as they were when they cannot be looked up. */
  private async rowsNow(rows: readonly FoundRow[]): Promise<readonly FoundRow[]> {
    const { lookup, config, about, reader } = this.table;
    if (typeof lookup === "string") return rows;
    const keys = [...new Map(rows.map(({ key }) => [JSON.stringify(key), key])).values()];
    const found = await compareAmong(this.client, this.compared, this.encoder.columns, keys, (write) =>
      withSession(config, about, async (session) => {
        for (const select of lookup.selects(keys)) {
          const lines: string[] = [];
          for await (const batch of readSelect(session, select, about))
            for (const row of batch) {
              const line = this.encoder.encode(reader.dataOf(row));
              if (!(line instanceof Rejection)) lines.push(`${line}\n`);
            }
          if (lines.length > 0) await write(lines.join(""));
        }
      }),
    );
    return oneOfEachKey(found);
  }

  private confirm({ kind, key, columns }: FoundRow): void {
    this.counts[kind] += 1;
    this.confirmed.add(JSON.stringify(key));
    const { shape } = this.table;
    this.name({ kind, key: keyed(shape.key, key), ...(kind === "different" ? { columns } : {}) });
  }

  private name(difference: Difference): void {
    if (this.differences.length < this.settings.limit) this.differences.push(difference);
  }
}

// Several rows of the source have one key in the sink when its type keeps less of it.
function oneOfEachKey(rows: readonly FoundRow[]): readonly FoundRow[] {
  const byKey = new Map<string, FoundRow>();
  for (const row of rows.toSorted((a, b) => (a.seen < b.seen ? -1 : 1))) {
    const key = JSON.stringify(row.key);
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? row : { ...before, seen: `${before.seen} ${row.seen}` });
  }
  return [...byKey.values()];
}

function countsOf(some: Partial<Record<Kind, number>>): Record<Kind, number> {
  return { missing: some.missing ?? 0, extra: some.extra ?? 0, different: some.different ?? 0 };
}

function byKind(rows: readonly FoundRow[]): Record<Kind, number> {
  const counts = countsOf({});
  for (const { kind } of rows) counts[kind] += 1;
  return counts;
}

function keyed(names: readonly string[], values: readonly (string | null)[]): Record<string, string | null> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
}
