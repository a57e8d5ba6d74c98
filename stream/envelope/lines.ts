import { isUtf8 } from "node:buffer";

/** One line of the input that is not blank. */
export interface Line {
  /** Counted from 1, blank lines included. */
  readonly number: number;
  /** Without the line end. When `failure` is set: as much of it as can be shown. */
  readonly text: string;
  /** Why the line cannot be read as text. */
  readonly failure?: string;
}

/** Settings of {@link readLines}. */
export interface LineOptions {
  /** Longest line in bytes; a longer one is a failure of its own and the rest goes on. Default 100 MB. */
  readonly maxLineBytes?: number;
}

const MAX_LINE_BYTES = 100 * 1024 * 1024;
const SHOWN_BYTES = 2048;
const NEWLINE = 0x0a;
const BOM = "\ufeff";

/**
 * Splits chunks of UTF-8 into lines: `\n` or `\r\n`, a byte order mark at the start and blank lines are skipped.
 * Yields the lines of one chunk at a time. Memory is bounded by the longest line allowed.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, options: LineOptions = {}): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter(options.maxLineBytes ?? MAX_LINE_BYTES);
  for await (const chunk of chunks) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}

class LineSplitter {
  private number = 0;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private overlong = false;

  constructor(private readonly maxBytes: number) {}

  /** The lines that this chunk completes. */
  push(chunk: Buffer): Line[] {
    const first = chunk.indexOf(NEWLINE);
    if (first < 0) {
      this.keep(chunk);
      return [];
    }
    const lines: Line[] = [];
    this.keep(chunk.subarray(0, first));
    this.finishPending(lines);
    const last = chunk.lastIndexOf(NEWLINE);
    if (last > first) this.split(chunk.subarray(first + 1, last), lines);
    this.keep(chunk.subarray(last + 1));
    return lines;
  }

  /** The last line, when the input does not end with a line end. */
  end(): Line[] {
    const lines: Line[] = [];
    if (this.pendingBytes > 0 || this.overlong) this.finishPending(lines);
    return lines;
  }

  private keep(part: Buffer): void {
    if (part.length === 0) return;
    this.pendingBytes += part.length;
    if (this.pendingBytes > this.maxBytes) {
      // Only the beginning is kept, to be shown.
      if (!this.overlong) this.pending = [Buffer.from((this.pending[0] ?? part).subarray(0, SHOWN_BYTES))];
      this.overlong = true;
    } else {
      this.pending.push(part);
    }
  }

  private finishPending(lines: Line[]): void {
    const bytes = this.pending.length === 1 ? (this.pending[0] as Buffer) : Buffer.concat(this.pending);
    if (this.overlong) this.fail(bytes, `longer than ${String(this.maxBytes)} bytes`, lines);
    else this.split(bytes, lines);
    this.pending = [];
    this.pendingBytes = 0;
    this.overlong = false;
  }

  // `bytes` holds whole lines without the last line end.
  private split(bytes: Buffer, lines: Line[]): void {
    if (!isUtf8(bytes)) {
      this.splitInvalid(bytes, lines);
      return;
    }
    for (const text of bytes.toString("utf8").split("\n")) this.add(text, lines);
  }

  private splitInvalid(bytes: Buffer, lines: Line[]): void {
    for (let start = 0; start <= bytes.length;) {
      const found = bytes.indexOf(NEWLINE, start);
      const end = found < 0 ? bytes.length : found;
      const line = bytes.subarray(start, end);
      if (isUtf8(line)) this.add(line.toString("utf8"), lines);
      else this.fail(line, "not valid UTF-8", lines);
      start = end + 1;
    }
  }

  private add(text: string, lines: Line[]): void {
    this.number += 1;
    const body = this.number === 1 && text.startsWith(BOM) ? text.slice(1) : text;
    if (body === "" || body.trim() === "") return;
    lines.push({ number: this.number, text: body.endsWith("\r") ? body.slice(0, -1) : body });
  }

  private fail(bytes: Buffer, failure: string, lines: Line[]): void {
    this.number += 1;
    lines.push({ number: this.number, text: bytes.subarray(0, SHOWN_BYTES).toString("utf8"), failure });
  }
}
