import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { counterLine } from "../tasks/providers/counter/line";
import { RawLines, runProvider } from "../tasks/sdk";

/** What the input of the relay's bench does. */
export interface RelayInputConfig {
  readonly lines: number;
  /** Of one line. */
  readonly bytes: number;
  /** File that is waited for, so that starting up is not timed; `<file>.ready` is written before. */
  readonly go: string;
}

const LINES_AT_ONCE = 218;

/** Lines that are rendered once and written again and again: an input that costs little more than its writes. */
void runProvider<RelayInputConfig>({
  name: "bench-input",
  version: "1.0.0",
  input: {
    async *read({ lines, bytes, go }) {
      const rendered = Array.from({ length: LINES_AT_ONCE }, (_, index) => counterLine(index + 1, { size: bytes }));
      const block = new RawLines(Buffer.from(rendered.join("")), LINES_AT_ONCE);
      writeFileSync(`${go}.ready`, "");
      while (!existsSync(go)) await delay(1);
      let left = lines;
      for (; left >= LINES_AT_ONCE; left -= LINES_AT_ONCE) yield block;
      yield new RawLines(Buffer.from(rendered.slice(0, left).join("")), left);
    },
  },
});
