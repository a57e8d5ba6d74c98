import type { Envelope } from "../protocol/envelope";
import { ProviderError } from "./provider-error";

/** Lines that an output is given to write together. */
export class Batch {
  /**
   * @param blocks the lines as they came, uncopied: each block holds whole lines with their line ends
   * @param count lines in all blocks
   * @param firstLine number of the first line, from 1 at the start of this run
   */
  constructor(
    readonly blocks: readonly Buffer[],
    readonly count: number,
    readonly firstLine: number,
  ) {}

  /** All lines in one buffer. */
  get lines(): Buffer {
    return this.blocks.length === 1 ? (this.blocks[0] as Buffer) : Buffer.concat(this.blocks);
  }

  /** The lines, parsed. Throws a {@link ProviderError} that names the line that can't be. */
  envelopes(): Envelope[] {
    const texts = this.blocks.flatMap((block) => block.toString("utf8", 0, block.length - 1).split("\n"));
    return texts.map((text, index) => this.parse(text, index));
  }

  private parse(text: string, index: number): Envelope {
    try {
      return JSON.parse(text) as Envelope;
    } catch (cause) {
      const message = `line ${this.firstLine + index} is no JSON: ${text.slice(0, 200)}`;
      throw new ProviderError("CDC_PROVIDER_LINE", message, { cause });
    }
  }
}
