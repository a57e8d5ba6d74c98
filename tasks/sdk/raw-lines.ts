import { countLines } from "../protocol/line-blocks";

const NEWLINE = 0x0a;

/** Data lines that are written already: the fast way for an input that has its changes as JSON text. */
export class RawLines {
  /**
   * @param bytes whole lines; the last one ends with `\n`, too
   * @param count how many lines; counted when absent
   */
  constructor(
    readonly bytes: Buffer,
    readonly count: number = countLines(bytes),
  ) {
    if (bytes.length > 0 && bytes.at(-1) !== NEWLINE) throw new TypeError("raw lines have to end with \\n");
  }
}
