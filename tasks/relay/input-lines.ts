import { isUtf8 } from "node:buffer";
import { jsonObjectEnd } from "../protocol/json-line";
import { lineKind, type LineKind } from "../protocol/line-kind";

const NEWLINE = 0x0a;
const OPEN = 0x7b;
const QUOTE = 0x22;
const DATA = Buffer.from('data"');
const SHOWN_CHARACTERS = 200;

/** What is done with the lines of an input. */
export interface LineSink {
  /** Whole data lines, uncopied. */
  data(lines: Buffer, count: number): void;
  control(line: string): void;
}

/** How lines are looked at. */
export interface LineRules {
  /** `parsed`: every line must be a JSON object; `none`: its first bytes decide. */
  readonly check: "parsed" | "none";
  /** A legacy input has no control lines: all is data. */
  readonly legacy: boolean;
}

/** A line that an input must not write. */
export class BadLine extends Error {
  constructor(
    readonly number: number,
    readonly shown: string,
    readonly reason: string,
  ) {
    super(`line ${number}: ${reason}`);
  }
}

/** Sorts the lines of an input: data goes on in as few pieces as possible, control lines one by one. */
export class InputLines {
  private number: number;

  /** @param read lines that were read before, such as the handshake */
  constructor(
    private readonly rules: LineRules,
    private readonly sink: LineSink,
    read = 0,
  ) {
    this.number = read;
  }

  /** Takes a block of whole lines. Throws a {@link BadLine}; the lines before it have gone on. */
  take(block: Buffer): void {
    const isText = this.rules.check === "none" || isUtf8(block);
    let from = 0;
    let count = 0;
    let at = 0;
    while (at < block.length) {
      if (this.rules.legacy || isPlainData(block, at) || this.kindAt(block, at) === "data") {
        const end = isText ? this.dataEnd(block, at) : this.carefulEnd(block, at);
        if (end < 0) this.refuse(block, at, from, count, "it is no JSON object");
        count += 1;
        at = end + 1;
        continue;
      }
      const end = block.indexOf(NEWLINE, at);
      if (this.kindAt(block, at) === "stray") this.refuse(block, at, from, count, "it is neither data nor control");
      this.pass(block, from, at, count);
      this.number += 1;
      this.sink.control(block.toString("utf8", at, end));
      count = 0;
      at = from = end + 1;
    }
    this.pass(block, from, at, count);
  }

  private dataEnd(block: Buffer, at: number): number {
    return this.rules.check === "parsed" ? jsonObjectEnd(block, at) : block.indexOf(NEWLINE, at);
  }

  /** For a block that holds bytes which are no UTF-8, in one of its lines. */
  private carefulEnd(block: Buffer, at: number): number {
    const end = block.indexOf(NEWLINE, at);
    return isUtf8(block.subarray(at, end)) ? jsonObjectEnd(block, at) : -1;
  }

  // To the end of the block: no key that is looked for goes over the end of a line.
  private kindAt(block: Buffer, at: number): LineKind {
    return lineKind(block, at, block.length);
  }

  private pass(block: Buffer, from: number, to: number, count: number): void {
    if (count === 0) return;
    this.number += count;
    this.sink.data(from === 0 && to === block.length ? block : block.subarray(from, to), count);
  }

  private refuse(block: Buffer, at: number, from: number, count: number, reason: string): never {
    this.pass(block, from, at, count);
    // A character has up to four bytes.
    const end = Math.min(block.indexOf(NEWLINE, at), at + 4 * SHOWN_CHARACTERS);
    throw new BadLine(this.number + 1, block.toString("utf8", at, end).slice(0, SHOWN_CHARACTERS), reason);
  }
}

/** The usual beginning of a data line, without blanks: what most lines have is known without a call. */
function isPlainData(block: Buffer, at: number): boolean {
  if (block[at] !== OPEN || block[at + 1] !== QUOTE) return false;
  for (let index = 0; index < DATA.length; index++) if (block[at + 2 + index] !== DATA[index]) return false;
  return true;
}
