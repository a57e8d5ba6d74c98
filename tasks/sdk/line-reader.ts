import type { Readable } from "node:stream";
import { LineBlocks } from "../protocol/line-blocks";

/** Reads stdin: first one line, then blocks of whole lines. */
export class LineReader {
  private readonly blocks = new LineBlocks();
  private readonly chunks: AsyncIterator<Buffer>;
  private ahead: Buffer[] = [];
  private torn: Buffer | undefined;
  private ended = false;

  constructor(stream: Readable) {
    this.chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Once {@link block} has answered undefined: what came after the last line end. */
  get rest(): Buffer | undefined {
    return this.torn;
  }

  /** The next line without its line end, also a last one that has none; undefined when there is none. */
  async line(): Promise<string | undefined> {
    const block = await this.block();
    if (block === undefined) return this.torn?.toString();
    const end = block.indexOf("\n");
    if (end + 1 < block.length) this.ahead.unshift(block.subarray(end + 1));
    return block.toString("utf8", 0, end);
  }

  /** The next whole lines, as many as are there; undefined at the end. */
  async block(): Promise<Buffer | undefined> {
    while (this.ahead.length === 0 && !this.ended) {
      const next = await this.chunks.next();
      if (next.done === true) {
        this.ended = true;
        this.torn = this.blocks.end();
      } else {
        this.ahead = this.blocks.push(next.value);
      }
    }
    return this.ahead.shift();
  }
}
