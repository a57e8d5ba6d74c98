import type { Lsn } from "../../model/lsn";
import { LSN_BYTES, POSITION_BYTES } from "../copy/position-bytes";
import type { LinePage } from "../json/line-page";

/** Pages of lines in the order of the log; undefined at the end. */
export type NextPage = () => Promise<LinePage | undefined>;

/** Neighbouring lines of a source in the order of its log. */
export interface Piece {
  readonly lines: Buffer;
  readonly count: number;
  /** Place of the last line. */
  readonly last: Buffer;
  /** The transaction up to which nothing is missing; undefined within the first of the piece. */
  readonly completeTo: Lsn | undefined;
}

/** Lines of one table that are merged with those of others. */
export interface MergeInput {
  readonly next: NextPage;
  /** Lines at or before this place were given out already, and are left out. */
  readonly emitted?: Buffer | undefined;
}

const PIECE_BYTES = 256 * 1024;

/**
 * Merges lines of several tables of one source, each in the order of the log, into that order. A piece ends with a
 * transaction, unless that would make it large. `check` is called before lines of pages that were just read are given out.
 */
export async function* mergeLines(
  inputs: readonly MergeInput[],
  check: () => Promise<void>,
): AsyncGenerator<Piece, void> {
  const heads = new Heads();
  await Promise.all(
    inputs.map(async (input) => {
      const head = new Head(input);
      if (await head.fill()) heads.push(head);
    }),
  );
  await check();
  const out = new PieceBuilder();
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    const rival = heads.first;
    const isAtEnd = out.take(head, rival);
    if (!isAtEnd) heads.push(head);
    else if (await head.fill()) {
      await check();
      heads.push(head);
    }
    if (out.size >= PIECE_BYTES) yield* out.pieces();
  }
  yield* out.rest();
}

/** The next line of an input. */
class Head {
  page!: LinePage;
  line = 0;
  private ahead: Promise<LinePage | undefined> | undefined;

  constructor(private readonly input: MergeInput) {}

  /** To the first line of the next page that has one which wasn't given out; false at the end. */
  async fill(): Promise<boolean> {
    for (;;) {
      const page = await (this.ahead ?? this.input.next());
      if (page === undefined) return false;
      // Read while this page is given out.
      this.ahead = this.input.next();
      this.ahead.catch(() => undefined);
      const { emitted } = this.input;
      let line = 0;
      if (emitted !== undefined) while (line < page.count && page.compare(line, emitted) <= 0) line += 1;
      if (line === page.count) continue;
      this.page = page;
      this.line = line;
      return true;
    }
  }

  isBefore(other: Head): boolean {
    return this.page.compare(this.line, other.page.position(other.line)) < 0;
  }
}

/** Heads by their next lines, the first one on top. */
class Heads {
  private readonly heap: Head[] = [];

  get first(): Head | undefined {
    return this.heap[0];
  }

  push(head: Head): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(head);
    for (let parent = (at - 1) >> 1; at > 0 && head.isBefore(heap[parent] as Head); parent = (at - 1) >> 1) {
      heap[at] = heap[parent] as Head;
      heap[(at = parent)] = head;
    }
  }

  pop(): Head | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || top === last) return top;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= heap.length) break;
      const isRight = right < heap.length && (heap[right] as Head).isBefore(heap[left] as Head);
      const child = isRight ? right : left;
      if (!(heap[child] as Head).isBefore(last)) break;
      heap[at] = heap[child] as Head;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

/** Puts runs of lines together, and knows where the last transaction begins. */
class PieceBuilder {
  size = 0;
  private parts: Buffer[] = [];
  private count = 0;
  private readonly last = Buffer.alloc(POSITION_BYTES);
  private hasLast = false;
  /** Where the transaction of the last line begins, and how many lines are before it. */
  private begun = { bytes: 0, count: 0, after: undefined as Lsn | undefined };

  /** Takes lines of a head that come before the rival's next one, a piece at most; true when its page is at its end. */
  take(head: Head, rival: Head | undefined): boolean {
    const { page, line: first } = head;
    const limit = rival?.page.position(rival.line);
    const start = page.startOf(first);
    let line = first;
    do {
      if (!this.hasLast || !page.isSameTransaction(line, this.last)) {
        const after = this.hasLast ? (this.last.toString("hex", 0, LSN_BYTES) as Lsn) : undefined;
        this.begun = { bytes: this.size + page.startOf(line) - start, count: this.count + line - first, after };
        page.position(line).copy(this.last);
        this.hasLast = true;
      }
      line += 1;
    } while (
      line < page.count &&
      this.size + page.startOf(line) - start < PIECE_BYTES &&
      (limit === undefined || page.compare(line, limit) < 0)
    );
    page.position(line - 1).copy(this.last);
    const lines = page.lines(first, line);
    this.parts.push(lines);
    this.size += lines.length;
    this.count += line - first;
    head.line = line;
    return line === page.count;
  }

  /** What is there: whole transactions, then the beginning of the last one. */
  *pieces(): Generator<Piece> {
    const { begun } = this;
    if (begun.bytes === 0) yield this.flush(undefined);
    else yield* this.upToBegun();
  }

  *rest(): Generator<Piece> {
    if (this.count > 0) yield this.flush(this.last.toString("hex", 0, LSN_BYTES) as Lsn);
  }

  private *upToBegun(): Generator<Piece> {
    const { begun } = this;
    const all = Buffer.concat(this.parts, this.size);
    const count = this.count;
    // Its place isn't needed: what is left out after a failure is told by the transaction.
    const last = Buffer.concat([Buffer.from(begun.after ?? "", "hex"), Buffer.alloc(POSITION_BYTES - LSN_BYTES, 0xff)]);
    yield { lines: all.subarray(0, begun.bytes), count: begun.count, last, completeTo: begun.after };
    this.parts = [all.subarray(begun.bytes)];
    this.size = all.length - begun.bytes;
    this.count = count - begun.count;
    this.begun = { bytes: 0, count: 0, after: begun.after };
  }

  private flush(completeTo: Lsn | undefined): Piece {
    const lines = this.parts.length === 1 ? (this.parts[0] as Buffer) : Buffer.concat(this.parts, this.size);
    const piece = { lines, count: this.count, last: Buffer.from(this.last), completeTo };
    this.parts = [];
    this.size = 0;
    this.count = 0;
    this.begun = { bytes: 0, count: 0, after: undefined };
    return piece;
  }
}
