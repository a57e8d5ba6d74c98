import { MAX_LINE_BYTES } from "./limits";
import { ProtocolError } from "./protocol-error";

const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into blocks of whole lines, however the stream is chunked. Whole lines of a chunk are handed on
 * as they are, uncopied; only a line that is torn by the end of a chunk is put together.
 */
export class LineBlocks {
  private torn: Buffer[] = [];
  private tornBytes = 0;

  constructor(private readonly maxLineBytes: number = MAX_LINE_BYTES) {}

  /** Bytes that wait for the end of their line. */
  get pendingBytes(): number {
    return this.tornBytes;
  }

  /** The lines that a chunk completes, with their line ends: none, one or two blocks. */
  push(chunk: Buffer): Buffer[] {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.keep(chunk);
      return [];
    }
    const blocks: Buffer[] = [];
    let start = 0;
    if (this.tornBytes > 0) {
      start = chunk.indexOf(NEWLINE) + 1;
      this.keep(chunk.subarray(0, start));
      blocks.push(this.take());
    }
    if (start <= last) blocks.push(chunk.subarray(start, last + 1));
    if (last + 1 < chunk.length) this.keep(chunk.subarray(last + 1));
    return blocks;
  }

  /** What came after the last line end, which is no whole line; undefined when nothing did. */
  end(): Buffer | undefined {
    return this.tornBytes === 0 ? undefined : this.take();
  }

  private keep(part: Buffer): void {
    this.torn.push(part);
    this.tornBytes += part.length;
    if (this.tornBytes <= this.maxLineBytes) return;
    // The line end itself does not count.
    const bytes = this.tornBytes - (part.at(-1) === NEWLINE ? 1 : 0);
    if (bytes > this.maxLineBytes) throw new ProtocolError(`a line is longer than ${this.maxLineBytes} bytes`);
  }

  private take(): Buffer {
    const whole = this.torn.length === 1 ? (this.torn[0] as Buffer) : Buffer.concat(this.torn, this.tornBytes);
    this.torn = [];
    this.tornBytes = 0;
    return whole;
  }
}

/** Lines in a block, which ends with a line end. */
export function countLines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
